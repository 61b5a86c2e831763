using Builder.Analysis.Difference;
using Builder.Analysis.Values;
using Builder.Storage.Database;
using Builder.Storage.Differences;
using Builder.Storage.Values;

namespace Builder.Storage.Tests.Differences;

public sealed class ExpectedDifferenceRowsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseEngine.Sqlite)]
    [InlineData(DatabaseEngine.PostgreSql)]
    public async Task The_schedule_replaces_what_was_known_and_changes_pages_only_where_it_changed(DatabaseEngine engine)
    {
        using var folder = await DataFolder.NewestAsync(engine);
        await using var database = await OpenAsync(folder);
        await database.WriteAsync(
            session => session.ExecuteAsync("INSERT INTO job (id, name) VALUES (1, 'app'), (2, 'other')", Stop),
            Stop
        );
        var first = new Dictionary<string, IReadOnlyList<ExpectedDifference>> { ["app"] = [Expect("timestamp", "usr/**")], ["later"] = [] };

        Assert.True(await ExpectedDifferenceRows.ReplaceAsync(database, first, Stop));
        var revision = await RevisionAsync(database);
        Assert.False(await ExpectedDifferenceRows.ReplaceAsync(database, first, Stop));
        Assert.Equal(revision, await RevisionAsync(database));
        Assert.Equal([Expect("timestamp", "usr/**")], (await OfJobsAsync(database, 1, 2))[new JobId(1)]);

        Assert.True(
            await ExpectedDifferenceRows.ReplaceAsync(
                database,
                new Dictionary<string, IReadOnlyList<ExpectedDifference>> { ["other"] = [Expect("random", "x")] },
                Stop
            )
        );
        Assert.Equal([new JobId(2)], (await OfJobsAsync(database, 1, 2)).Keys);
    }

    [Fact]
    public void A_difference_is_covered_only_where_each_cause_of_each_pair_is_expected()
    {
        var clock = new Cause(CauseKind.Timestamp, "usr/info.txt: line 1", "12:00", "12:01", "");
        var code = new Cause(CauseKind.Code, "usr/bin/app", "", "", "");
        var pair = OutputPair.Of(Sha256Digest.Parse(new string('1', 64)), Sha256Digest.Parse(new string('2', 64)));
        IReadOnlyList<ExpectedDifference> expected = [Expect("timestamp", "usr/**")];

        Assert.True(Of([clock]).AreCoveredBy(expected));
        Assert.False(Of([clock]).AreCoveredBy([]));
        Assert.False(Of([clock, code]).AreCoveredBy(expected));
        Assert.False(Of([clock], [code]).AreCoveredBy(expected));
        Assert.False(Of([clock], null).AreCoveredBy(expected));
        Assert.False(Of((IReadOnlyList<Cause>)[]).AreCoveredBy(expected));
        // The list may have been cut off there.
        Assert.False(Of([.. Enumerable.Repeat(clock, StoredDifference.MaxCauses)]).AreCoveredBy(expected));

        OutputDifferences Of(params IReadOnlyList<Cause>?[] pairs) =>
            new([.. pairs.Select(causes => new StoredDifference(pair, true, 1, causes, null))]);
    }

    private static ExpectedDifference Expect(string cause, string path) =>
        ExpectedDifference.TryCreate(cause, path, out var expected, out var reason) ? expected : throw new ArgumentException(reason);

    private static async Task<IReadOnlyDictionary<JobId, IReadOnlyList<ExpectedDifference>>> OfJobsAsync(
        BuilderDatabase database,
        params long[] jobs
    )
    {
        await using var session = await database.OpenReadAsync(Stop);
        return await ExpectedDifferenceRows.OfJobsAsync(session, jobs.Select(static id => new JobId(id)), Stop);
    }

    private static async Task<BuilderDatabase> OpenAsync(DataFolder folder)
    {
        var database = await folder.OpenAsync();
        await DifferenceTable.EnsureAsync(database, Stop);
        return database;
    }

    private static async Task<long> RevisionAsync(BuilderDatabase database)
    {
        await using var session = await database.OpenReadAsync(Stop);
        return await session.RevisionAsync(Stop);
    }
}
