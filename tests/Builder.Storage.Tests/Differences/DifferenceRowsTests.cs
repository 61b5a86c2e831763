using Builder.Analysis.Difference;
using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Differences;

namespace Builder.Storage.Tests.Differences;

public sealed class DifferenceRowsTests
{
    private static readonly Sha256Digest Small = Sha256Digest.Parse(new string('1', 64));
    private static readonly Sha256Digest Middle = Sha256Digest.Parse(new string('2', 64));
    private static readonly Sha256Digest Large = Sha256Digest.Parse(new string('f', 64));
    private static readonly Cause Clock = new(CauseKind.Timestamp, "bin/clock: line 1", "12:00", "12:01", "Use SOURCE_DATE_EPOCH.")
    {
        Count = 2,
        Strength = 80,
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseEngine.Sqlite)]
    [InlineData(DatabaseEngine.PostgreSql)]
    public async Task A_result_is_found_by_either_output_and_raises_the_revision_of_the_database(DatabaseEngine engine)
    {
        using var folder = await DataFolder.NewestAsync(engine);
        await using var database = await OpenAsync(folder);
        var pair = OutputPair.Of(Large, Small);
        var before = await RevisionAsync(database);

        Assert.True(await DifferenceRows.BeginAsync(database, pair, isSameInput: true, Stop));
        Assert.Equal(before, await RevisionAsync(database));
        await DifferenceRows.KeepAsync(database, pair, isSameInput: true, [Clock], Stop);

        Assert.Equal(before + 1, await RevisionAsync(database));
        await using var session = await database.OpenReadAsync(Stop);
        var found = await DifferenceRows.OfOutputsAsync(session, [Small, Middle, Large], Stop);
        Assert.Equal([Small, Large], found.Keys.Order());
        Assert.Equal([Clock], found[Small].Shown.Causes!);
        var (results, jobs) = await WantedDifferences.ChangedSinceAsync(session, before, Stop);
        Assert.Equal(1, results);
        Assert.Empty(jobs);
    }

    [Theory]
    [InlineData(DatabaseEngine.Sqlite)]
    [InlineData(DatabaseEngine.PostgreSql)]
    public async Task A_pair_is_begun_three_times_and_then_given_up(DatabaseEngine engine)
    {
        using var folder = await DataFolder.NewestAsync(engine);
        await using var database = await OpenAsync(folder);
        var pair = OutputPair.Of(Small, Large);
        for (var attempt = 0; attempt < StoredDifference.MaxAttempts; attempt++)
            Assert.True(await DifferenceRows.BeginAsync(database, pair, isSameInput: true, Stop));
        Assert.False(await DifferenceRows.BeginAsync(database, pair, isSameInput: true, Stop));

        await DifferenceRows.ForgetAttemptAsync(database, pair, Stop);
        Assert.True(await DifferenceRows.BeginAsync(database, pair, isSameInput: true, Stop));
        await DifferenceRows.FailAsync(database, pair, isSameInput: true, "it is damaged", Stop);
        await using var session = await database.OpenReadAsync(Stop);
        var row = await DifferenceRows.FindAsync(session, pair, Stop);
        Assert.True(row is { IsGivenUp: true, Message: "it is damaged" });
    }

    [Theory]
    [InlineData(DatabaseEngine.Sqlite)]
    [InlineData(DatabaseEngine.PostgreSql)]
    public async Task Each_output_of_the_same_inputs_is_compared_with_the_one_before_it_until_that_is_known(DatabaseEngine engine)
    {
        using var folder = await DataFolder.NewestAsync(engine);
        await using var database = await OpenAsync(folder);
        var builds = new List<BuildUuid>();
        foreach (var output in (Sha256Digest[])[Middle, Small, Middle, Large])
            builds.Add(await AddBuildAsync(database, output));
        await using var session = await database.OpenReadAsync(Stop);

        var (job, input) = Assert.Single(await WantedDifferences.InputsAsync(session, Stop));
        Assert.Equal(
            [
                new(OutputPair.Of(Small, Large), builds[1], builds[3]),
                new WantedDifference(OutputPair.Of(Middle, Small), builds[0], builds[1]),
            ],
            await WantedDifferences.OfInputAsync(session, job, input, Stop)
        );

        var before = await RevisionAsync(database);
        await DifferenceRows.BeginAsync(database, OutputPair.Of(Small, Large), isSameInput: true, Stop);
        await DifferenceRows.KeepAsync(database, OutputPair.Of(Small, Large), isSameInput: true, [], Stop);
        Assert.Equal(OutputPair.Of(Small, Middle), Assert.Single(await WantedDifferences.OfInputAsync(session, job, input, Stop)).Pair);
        var (results, jobs) = await WantedDifferences.ChangedSinceAsync(session, before, Stop);
        Assert.Equal(1, results);
        Assert.Equal(["clock"], jobs);
    }

    [Fact]
    public async Task Nothing_of_it_is_left_after_a_rollback()
    {
        using var folder = await DataFolder.NewestAsync();
        await using (var database = await OpenAsync(folder))
            await DifferenceRows.BeginAsync(database, OutputPair.Of(Small, Large), isSameInput: true, Stop);
        Directory.CreateDirectory(folder["_cache/difference_1"]);
        await File.WriteAllTextAsync(folder[$"_cache/difference_1/{Small}_{Large}.json"], "{}", Stop);

        // Back to the version before, then to the original's.
        await folder.RollbackToAsync(18);

        Assert.False(Directory.Exists(folder["_cache/difference_1"]));
        await using (var original = BuilderDatabase.OpenAnyVersion(folder.Settings))
        await using (var session = await original.OpenReadAsync(Stop))
            Assert.False(await session.AnyAsync("SELECT 1 FROM sqlite_master WHERE name LIKE '%difference%'", Stop));
        await folder.MigrateAsync();
        await using var again = await OpenAsync(folder);
        Assert.True(await DifferenceRows.BeginAsync(again, OutputPair.Of(Small, Large), isSameInput: true, Stop));
    }

    private static async Task<BuilderDatabase> OpenAsync(DataFolder folder)
    {
        var database = await folder.OpenAsync();
        await DifferenceTable.EnsureAsync(database, Stop);
        await DifferenceTable.EnsureAsync(database, Stop);
        return database;
    }

    private static async Task<long> RevisionAsync(BuilderDatabase database)
    {
        await using var session = await database.OpenReadAsync(Stop);
        return await session.RevisionAsync(Stop);
    }

    private static async Task<BuildUuid> AddBuildAsync(BuilderDatabase database, Sha256Digest output)
    {
        var uuid = BuildUuid.NewRandom();
        await database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync("INSERT INTO job (name) VALUES ('clock') ON CONFLICT DO NOTHING", Stop);
                await session.ExecuteAsync(
                    """
                    INSERT INTO "user" (username, password_hash, password_salt, scrypt_n, scrypt_r, scrypt_p, restricted)
                    VALUES ('u', @none, @none, 1, 1, 1, @restricted)
                    ON CONFLICT DO NOTHING
                    """,
                    Stop,
                    ("@none", Array.Empty<byte>()),
                    ("@restricted", false)
                );
                await session.ExecuteAsync(
                    """
                    INSERT INTO build (uuid, start_d, start_ps, finish_d, finish_ps, result_kind, result_number, console, script, platform, "user", job, input_id)
                    VALUES (@uuid, 1, 0, 1, 0, 0, 0, 'c', 's', 'p', (SELECT id FROM "user"), (SELECT id FROM job), @input)
                    """,
                    Stop,
                    ("@uuid", uuid),
                    ("@input", Small)
                );
                await session.ExecuteAsync(
                    "INSERT INTO build_artifact (filepath, sha256, size, build) SELECT 'bin/clock', @output, 1, id FROM build WHERE uuid = @uuid",
                    Stop,
                    ("@output", output),
                    ("@uuid", uuid)
                );
                await session.ExecuteAsync(
                    """
                    UPDATE build
                    SET main_sha256 = @output, main_binary = (SELECT build_artifact.id FROM build_artifact WHERE build_artifact.build = build.id)
                    WHERE uuid = @uuid
                    """,
                    Stop,
                    ("@output", output),
                    ("@uuid", uuid)
                );
            },
            Stop
        );
        return uuid;
    }
}
