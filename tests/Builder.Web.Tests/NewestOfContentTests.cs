using System.Text;
using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage;
using Builder.Storage.Database;
using Builder.Storage.Maintenance;

namespace Builder.Web.Tests;

public abstract class NewestOfContentTests(DatabaseEngine engine, ITestOutputHelper output)
{
    public sealed class OnSqlite(ITestOutputHelper output) : NewestOfContentTests(DatabaseEngine.Sqlite, output);

    public sealed class OnPostgreSql(ITestOutputHelper output) : NewestOfContentTests(DatabaseEngine.PostgreSql, output);

    private static readonly byte[] Content = Encoding.ASCII.GetBytes("PATH=/bin\n");
    private static readonly string Search = $"/hash?sha256={Sha256Digest.Of(Content)}";

    [Fact]
    public async Task Of_thousands_that_share_a_file_the_newest_is_found_whatever_comes_and_goes_after()
    {
        await using var site = await Engines.EmptySiteAsync(engine);
        await site.AddUsersAsync();
        var first = BuildUuid.NewRandom();
        await UploadAsync(site, first, Site.Recorded.AddDays(-30));
        await ShareAsync(site, 2000);
        // The newest by its start is not the one that was stored last.
        Assert.Equal($"/job/many/build/{Uuid(1000)}", await FoundAsync(site));
        Assert.Equal($"/job/many/build/{Uuid(1000)}", await FoundAsync(site));

        await UploadAsync(site, BuildUuid.NewRandom(), Site.Recorded.AddDays(-60));
        Assert.Equal($"/job/many/build/{Uuid(1000)}", await FoundAsync(site));
        var newest = BuildUuid.NewRandom();
        await UploadAsync(site, newest, Site.Recorded.AddDays(1));
        Assert.Equal($"/job/hello/build/{newest}", await FoundAsync(site));

        await RemoveAsync(site, newest);
        Assert.Equal($"/job/many/build/{Uuid(1000)}", await FoundAsync(site));
        await RemoveAsync(site, Uuid(1000));
        Assert.Equal($"/job/many/build/{Uuid(999)}", await FoundAsync(site));
    }

    [Fact]
    public async Task Once_known_only_rows_that_came_since_are_looked_at()
    {
        await using var site = await Engines.EmptySiteAsync(engine);
        await site.AddUsersAsync();
        await ShareAsync(site, 5000);
        await using var database = await BuilderDatabase.OpenAsync(site.Database, TestContext.Current.CancellationToken);
        await using var session = await database.OpenReadAsync(TestContext.Current.CancellationToken);
        await session.ExecuteAsync("ANALYZE", TestContext.Current.CancellationToken);
        var plan = await session.QueryAsync(
            (engine == DatabaseEngine.Sqlite ? "EXPLAIN QUERY PLAN " : "EXPLAIN ")
                + "SELECT build FROM build_artifact WHERE sha256 = @hash AND id > @after",
            row => row.Text(engine == DatabaseEngine.Sqlite ? 3 : 0),
            TestContext.Current.CancellationToken,
            ("@hash", Sha256Digest.Of(Content)),
            ("@after", 4990)
        );
        output.WriteLine(string.Join('\n', plan));
        if (engine == DatabaseEngine.Sqlite)
            Assert.Contains("rowid>?)", plan[0], StringComparison.Ordinal);
        else
            Assert.StartsWith("Index Scan using build_artifact_pkey", plan[0], StringComparison.Ordinal);
    }

    private static BuildUuid Uuid(int number) => BuildUuid.Parse($"00000000-0000-4000-8000-{number:d12}");

    /// <summary>As many builds of one job that all left the same file; the one in the middle started last.</summary>
    private static async Task ShareAsync(Site site, int count)
    {
        await using var database = await BuilderDatabase.OpenAsync(site.Database, TestContext.Current.CancellationToken);
        await database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync("INSERT INTO job (name) VALUES ('many')", TestContext.Current.CancellationToken);
                for (var number = 1; number <= count; number++)
                {
                    var started = Timestamp.From(
                        Site.Recorded.AddMinutes(-Math.Abs(number - (count / 2)) - (number > count / 2 ? 5000 : 0))
                    );
                    await session.ExecuteAsync(
                        """
                        INSERT INTO build (uuid, start_d, start_ps, finish_d, finish_ps, result_kind, result_number, console, script, platform, "user", job)
                        SELECT @uuid, @day, @time, @day, @time, 0, 0, '', '', 'debian-12', 1, id FROM job WHERE name = 'many'
                        """,
                        TestContext.Current.CancellationToken,
                        ("@uuid", Uuid(number)),
                        ("@day", started.Days),
                        ("@time", started.PicosecondsOfDay)
                    );
                    await session.ExecuteAsync(
                        "INSERT INTO build_artifact (filepath, sha256, size, build) SELECT 'build-environment', @hash, 10, MAX(id) FROM build",
                        TestContext.Current.CancellationToken,
                        ("@hash", Sha256Digest.Of(Content))
                    );
                }
            },
            TestContext.Current.CancellationToken
        );
    }

    private static async Task UploadAsync(Site site, BuildUuid uuid, DateTimeOffset started)
    {
        using var answer = await site.UploadAsync(
            "admin",
            "pw-admin",
            await Uploads.ExecAsync("hello", uuid, started, [("build-environment", Content)])
        );
        Assert.Equal(System.Net.HttpStatusCode.Created, answer.StatusCode);
    }

    private static async Task RemoveAsync(Site site, BuildUuid uuid)
    {
        await using var storage = await BuilderStorage.OpenAsync(site.Database, site.Clock, TestContext.Current.CancellationToken);
        var removal = new BuildRemoval(storage, site.Clock);
        var builds = await removal.SelectAsync(new RemovalSelection.Everything(), TestContext.Current.CancellationToken);
        await removal.RemoveAsync([builds.Single(build => build.Uuid == uuid)], progress: null, TestContext.Current.CancellationToken);
    }

    private static async Task<string?> FoundAsync(Site site)
    {
        using var answer = await site.Http.GetAsync(Search, TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.Found, answer.StatusCode);
        return answer.Headers.Location?.OriginalString;
    }
}
