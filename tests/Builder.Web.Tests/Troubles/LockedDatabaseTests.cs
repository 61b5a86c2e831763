using System.Net;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Testing;
using Builder.Web.Options;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Builder.Web.Tests.Troubles;

/// <summary>A database that another program has locked, or that does not answer: said soon, and over when the other lets go.</summary>
public sealed class LockedDatabaseTests
{
    private const int AtOnce = 6;

    /// <summary>Uploads are promised an answer in ten; a database alone would be waited for a minute or more.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(25);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_another_program_has_SQLite_locked_uploads_are_refused_and_pages_go_on()
    {
        using var log = new LogRecorder();
        await using var site = await Site.EmptyAsync(WithHealth, builder => builder.AddProvider(log));
        await site.AddUsersAsync();
        await using var other = new SqliteConnection($"Data Source={site.Database.SqlitePath};Pooling=False");
        await other.OpenAsync(Cancellation);
        await ExecuteAsync(other, "BEGIN EXCLUSIVE");

        var builds = await BuildsAsync();
        await RefusedAsync(site, builds, "locked by another program");
        using (var page = await site.Http.GetAsync("/failed-builds", Cancellation))
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains(
            "is locked by another process",
            await HealthAsync(site, HttpStatusCode.ServiceUnavailable),
            StringComparison.Ordinal
        );

        await ExecuteAsync(other, "ROLLBACK");
        await StoredOnceAsync(site, builds);
        Assert.StartsWith("well\n", await HealthAsync(site, HttpStatusCode.OK), StringComparison.Ordinal);
        SaidOnce(log, "is locked by another process");
    }

    /// <summary>A lock on tables, and the lock that writers take.</summary>
    [Theory]
    [InlineData("LOCK TABLE build, revision IN ACCESS EXCLUSIVE MODE", HttpStatusCode.ServiceUnavailable)]
    [InlineData("SELECT pg_advisory_xact_lock(1234839235)", HttpStatusCode.OK)]
    public async Task While_another_session_has_a_lock_of_PostgreSQL_uploads_are_refused_and_pages_that_need_it(
        string lockIt,
        HttpStatusCode expected
    )
    {
        Engines.RequirePostgreSql();
        using var log = new LogRecorder();
        await using var server = new PostgreSqlServer();
        var connection = await server.CreateDatabaseAsync(Cancellation);
        await using var site = await Site.EmptyAsync(
            options => WithHealth(options) with { ConnectionString = connection },
            builder => builder.AddProvider(log)
        );
        await site.AddUsersAsync();
        await using var other = new NpgsqlConnection(connection);
        await other.OpenAsync(Cancellation);
        await ExecuteAsync(other, "BEGIN");
        await ExecuteAsync(other, lockIt);

        var builds = await BuildsAsync();
        await RefusedAsync(site, builds, "locked by another program");
        using (var page = await site.Http.GetAsync("/failed-builds", Cancellation).WaitAsync(Patience, Cancellation))
        {
            Assert.Equal(expected, page.StatusCode);
            Assert.Equal(expected != HttpStatusCode.OK, page.Headers.RetryAfter is not null);
        }

        await ExecuteAsync(other, "ROLLBACK");
        await StoredOnceAsync(site, builds);
        Assert.StartsWith("well\n", await HealthAsync(site, HttpStatusCode.OK), StringComparison.Ordinal);
        SaidOnce(log, "is locked by another session");
    }

    [Fact]
    public async Task While_PostgreSQL_does_not_say_a_word_uploads_are_refused()
    {
        Engines.RequirePostgreSql();
        using var log = new LogRecorder();
        await using var server = new PostgreSqlServer();
        await using var silent = new SilentSocket(new NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync(Cancellation)));
        await using var site = await Site.EmptyAsync(
            options => WithHealth(options) with { ConnectionString = silent.ConnectionString },
            builder => builder.AddProvider(log)
        );
        await site.AddUsersAsync();
        silent.IsSilent = true;

        var builds = await BuildsAsync();
        await RefusedAsync(site, builds, "does not answer");

        silent.IsSilent = false;
        await StoredOnceAsync(site, builds);
        Assert.StartsWith("well\n", await HealthAsync(site, HttpStatusCode.OK), StringComparison.Ordinal);
        Assert.Contains(
            log.Lines,
            line =>
                line.StartsWith("Error:", StringComparison.Ordinal) && line.Contains("does not answer in time", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Tables_of_a_newer_version_are_shown_by_health_until_they_are_ours_again()
    {
        await using var site = await Site.EmptyAsync(WithHealth);
        await using var other = new SqliteConnection($"Data Source={site.Database.SqlitePath};Pooling=False");
        await other.OpenAsync(Cancellation);
        await ExecuteAsync(other, "PRAGMA user_version = 25");
        Assert.Contains(
            "has schema version 25, this program knows up to 24",
            await HealthAsync(site, HttpStatusCode.ServiceUnavailable),
            StringComparison.Ordinal
        );
        await ExecuteAsync(other, "PRAGMA user_version = 18");
        Assert.Contains(
            "has schema version 18, this program needs 24",
            await HealthAsync(site, HttpStatusCode.ServiceUnavailable),
            StringComparison.Ordinal
        );
        await ExecuteAsync(other, "PRAGMA user_version = 24");
        Assert.StartsWith("well\n", await HealthAsync(site, HttpStatusCode.OK), StringComparison.Ordinal);
    }

    private static WebOptions WithHealth(WebOptions options) => options with { MetricsPort = 0 };

    private static async Task<(BuildUuid Uuid, byte[] Exec)[]> BuildsAsync()
    {
        var builds = new List<(BuildUuid, byte[])>();
        for (var number = 0; number < AtOnce; number++)
        {
            var uuid = BuildUuid.NewRandom();
            builds.Add(
                (
                    uuid,
                    await Uploads.ExecAsync(
                        "fresh",
                        uuid,
                        Site.Recorded,
                        [("bin/fresh", new byte[1000 + number]), ("shared", new byte[5000])]
                    )
                )
            );
        }
        return [.. builds];
    }

    private static async Task RefusedAsync(Site site, (BuildUuid Uuid, byte[] Exec)[] builds, string words)
    {
        var answers = await Task.WhenAll(builds.Select(build => site.UploadAsync("admin", "pw-admin", build.Exec)))
            .WaitAsync(Patience, Cancellation);
        foreach (var answer in answers)
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.NotNull(answer.Headers.RetryAfter?.Delta);
            Assert.Equal("text/plain", answer.Content.Headers.ContentType?.MediaType);
            Assert.Contains(words, await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
            answer.Dispose();
        }
        // Nothing of them is anywhere: no half build, nothing that waits for the next start.
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(site.DataDirectory, "_staging")));
        Assert.False(Directory.Exists(Path.Combine(site.DataDirectory, "fresh")));
    }

    private static async Task StoredOnceAsync(Site site, (BuildUuid Uuid, byte[] Exec)[] builds)
    {
        foreach (var expected in new[] { HttpStatusCode.Created, HttpStatusCode.Conflict })
        {
            foreach (var (_, exec) in builds)
            {
                using var answer = await site.UploadAsync("admin", "pw-admin", exec);
                Assert.Equal(expected, answer.StatusCode);
            }
        }
        foreach (var (uuid, exec) in builds)
            Assert.Equal(exec, await site.Http.GetByteArrayAsync($"/job/fresh/build/{uuid}/exec", Cancellation));
        await using var database = await BuilderDatabase.OpenAsync(site.Database, Cancellation);
        await using var session = await database.OpenReadAsync(Cancellation);
        Assert.Equal(AtOnce, await session.IntegerAsync("SELECT COUNT(*) FROM build", Cancellation));
    }

    private static async Task<string> HealthAsync(Site site, HttpStatusCode expected)
    {
        using var operations = new HttpClient { BaseAddress = site.Web.OperationsAddress };
        using var answer = await operations.GetAsync("/health", Cancellation).WaitAsync(Patience, Cancellation);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.True(answer.StatusCode == expected, text);
        return text;
    }

    /// <summary>Once when it began and once when it was over, however many met it. Publishing, which nobody asked for, speaks for itself.</summary>
    private static void SaidOnce(LogRecorder log, string words)
    {
        var lines = log
            .Lines.Where(line =>
                line.Contains(words, StringComparison.Ordinal) && !line.Contains("publishing waits", StringComparison.Ordinal)
            )
            .ToList();
        Assert.Collection(
            lines,
            line => Assert.StartsWith("Error: ", line, StringComparison.Ordinal),
            line => Assert.StartsWith("Warning: over after ", line, StringComparison.Ordinal)
        );
    }

    private static async Task ExecuteAsync(System.Data.Common.DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
