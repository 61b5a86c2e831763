using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Rebuilders;

namespace Builder.Storage.Tests.Rebuilders;

public sealed class RebuildRowsTests
{
    private static readonly BuildUuid Build = BuildUuid.Parse("4e467a04-af65-4b95-9a98-d426445e1feb");

    private static readonly DateTimeOffset Noon = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseEngine.Sqlite)]
    [InlineData(DatabaseEngine.PostgreSql)]
    public async Task Each_operator_counts_once_by_what_it_said_last_and_not_at_all_once_revoked(DatabaseEngine engine)
    {
        using var folder = await DataFolder.NewestAsync(engine);
        await using var database = await folder.OpenAsync();
        Assert.True(await AddAsync(database, "ann", "SHA256:a"));
        Assert.True(await AddAsync(database, "ann", "SHA256:a2"));
        Assert.True(await AddAsync(database, "bob", "SHA256:b"));
        Assert.False(await AddAsync(database, "eve", "SHA256:b"));

        Assert.Equal(RebuildOutcome.Kept, await SayAsync(database, "SHA256:a", agrees: false, "first"));
        Assert.Equal(RebuildOutcome.Kept, await SayAsync(database, "SHA256:a2", agrees: true, "second"));
        Assert.Equal(RebuildOutcome.Kept, await SayAsync(database, "SHA256:b", agrees: true, "third", Noon.AddHours(1)));
        Assert.Equal(RebuildOutcome.Known, await SayAsync(database, "SHA256:b", agrees: true, "third"));
        Assert.Equal(("ann bob", ""), await TallyAsync(database));

        // Received before: it goes on counting.
        Assert.Equal(1, await RebuilderRows.RevokeAsync(database, "bob", Noon.AddHours(2), Stop));
        Assert.Equal(("ann bob", ""), await TallyAsync(database));
        Assert.Equal(1, await RebuilderRows.RevokeAsync(database, "bob", Noon.AddHours(1), Stop));
        Assert.Equal(("ann", ""), await TallyAsync(database));
        // A later time does not take back an earlier one.
        await RebuilderRows.RevokeAsync(database, "bob", Noon.AddHours(2), Stop);
        Assert.Equal(("ann", ""), await TallyAsync(database));

        Assert.Equal(2, await RebuilderRows.RetireAsync(database, "ann", Noon, Stop));
        Assert.Equal(("ann", ""), await TallyAsync(database));
        Assert.Equal(RebuildOutcome.Kept, await SayAsync(database, "SHA256:a", agrees: false, "last"));
        Assert.Equal(("", "ann"), await TallyAsync(database));
    }

    [Fact]
    public async Task A_key_says_only_so_much_about_one_build()
    {
        using var folder = await DataFolder.NewestAsync();
        await using var database = await folder.OpenAsync();
        await AddAsync(database, "ann", "SHA256:a");
        for (var count = 0; count < RebuildRows.MaxPerKey; count++)
            Assert.Equal(RebuildOutcome.Kept, await SayAsync(database, "SHA256:a", agrees: true, $"{count}"));

        Assert.Equal(RebuildOutcome.TooMany, await SayAsync(database, "SHA256:a", agrees: true, "more"));
    }

    [Theory]
    [InlineData(DatabaseEngine.Sqlite)]
    [InlineData(DatabaseEngine.PostgreSql)]
    public async Task A_rollback_keeps_rebuilders_and_what_they_said(DatabaseEngine engine)
    {
        using var folder = await DataFolder.NewestAsync(engine);
        await using (var database = await folder.OpenAsync())
        {
            await AddAsync(database, "ann", "SHA256:a");
            await SayAsync(database, "SHA256:a", agrees: true, "signed");
        }

        while (!File.Exists(folder["_rebuilders.jsonl"]))
            await folder.RollbackAsync();
        await folder.MigrateAsync();

        Assert.False(File.Exists(folder["_rebuilders.jsonl"]));
        await using var again = await folder.OpenAsync();
        Assert.Equal(("ann", ""), await TallyAsync(again));
        await using var session = await again.OpenReadAsync(Stop);
        Assert.Equal("signed"u8.ToArray(), (await RebuildRows.FindAsync(session, Build, Digest("signed"), Stop))?.Envelope);
    }

    [Theory]
    [InlineData(DatabaseEngine.Sqlite)]
    [InlineData(DatabaseEngine.PostgreSql)]
    public async Task Rules_of_the_schedule_replace_those_that_were_known(DatabaseEngine engine)
    {
        using var folder = await DataFolder.NewestAsync(engine);
        await using var database = await folder.OpenAsync();
        var rules = new Dictionary<string, StoredPublishRule> { ["app"] = new(2, true), ["other"] = new(1, false) };

        Assert.True(await PublishRuleRows.ReplaceAsync(database, rules, Stop));
        Assert.False(await PublishRuleRows.ReplaceAsync(database, rules, Stop));
        rules.Remove("other");
        Assert.True(await PublishRuleRows.ReplaceAsync(database, rules, Stop));

        await using var session = await database.OpenReadAsync(Stop);
        Assert.Equal(new StoredPublishRule(2, true), await PublishRuleRows.OfJobAsync(session, "app", Stop));
        Assert.Null(await PublishRuleRows.OfJobAsync(session, "other", Stop));
    }

    private static Task<bool> AddAsync(BuilderDatabase database, string name, string key) =>
        RebuilderRows.AddAsync(database, new Rebuilder(name, key, new byte[] { 1, 2, 3 }, Noon, null, null), Stop);

    private static Task<RebuildOutcome> SayAsync(
        BuilderDatabase database,
        string key,
        bool agrees,
        string signed,
        DateTimeOffset? received = null
    ) =>
        RebuildRows.InsertAsync(
            database,
            new NewRebuild(
                Build,
                key,
                agrees,
                System.Text.Encoding.UTF8.GetBytes(signed),
                Digest(signed),
                Array.Empty<byte>(),
                null,
                received ?? Noon
            ),
            Stop
        );

    private static Sha256Digest Digest(string text) => Sha256Digest.Of(System.Text.Encoding.UTF8.GetBytes(text));

    private static async Task<(string Agreeing, string Dissenting)> TallyAsync(BuilderDatabase database)
    {
        await using var session = await database.OpenReadAsync(Stop);
        var tally = RebuildTally.Of(await RebuildRows.OfBuildAsync(session, Build, Stop));
        return (
            string.Join(' ', tally.Agreeing.Select(static row => row.Name)),
            string.Join(' ', tally.Dissenting.Select(static row => row.Name))
        );
    }
}
