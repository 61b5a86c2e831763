using System.Text.Json;
using Builder.Protocol.Values;
using Builder.Storage.Budgets;
using Builder.Storage.Database;
using Builder.Storage.Failures;
using Builder.Storage.Outbox;
using Builder.Storage.Tests.Ingestion;

namespace Builder.Storage.Tests.Outbox;

public sealed class BuildEventsTests
{
    /// <summary>In picoseconds.</summary>
    private const long HalfHour = 1_800_000_000_000_000;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseEngine.Sqlite)]
    [InlineData(DatabaseEngine.PostgreSql)]
    public async Task Uploads_record_what_they_mean_to_those_who_follow_the_job(DatabaseEngine engine)
    {
        await using var fixture = await StorageFixture.CreateAsync(engine);

        Assert.Equal(["build.stored"], await UploadAsync(fixture, SampleExec.Whole(Uuid(1)), hour: 1));
        Assert.Equal(["build.stored", "verdict.changed"], await UploadAsync(fixture, SampleExec.Whole(Uuid(2)), hour: 2));
        Assert.Equal(["build.stored"], await UploadAsync(fixture, SampleExec.Whole(Uuid(3)), hour: 3));
        Assert.Equal(["build.stored", "build.failed"], await UploadAsync(fixture, Failed(4), hour: 4));
        Assert.Equal(["build.stored", "build.failed"], await UploadAsync(fixture, Failed(5), hour: 5));
        Assert.Equal(
            ["build.stored", "build.fixed", "output.changed"],
            await UploadAsync(fixture, SampleExec.Whole(Uuid(6), "other", "new sources"), hour: 6)
        );
        Assert.Equal(
            ["build.stored", "verdict.changed", "output.changed"],
            await UploadAsync(fixture, SampleExec.Whole(Uuid(7), "third"), hour: 7)
        );
        // Another platform has a history of its own.
        Assert.Equal(
            ["build.stored"],
            await UploadAsync(fixture, SampleExec.Whole(Uuid(8), "bsd", "bsd", platform: "freebsd-14"), hour: 8)
        );

        var events = await AllAsync(fixture);
        var reproduced = Data(events.First(one => one.Kind == EventKind.VerdictChanged));
        Assert.Equal(("built once", "reproduced"), (Text(reproduced, "verdict_before"), Text(reproduced, "verdict")));
        var broken = Data(events.Last(one => one.Kind == EventKind.VerdictChanged));
        Assert.Equal(("reproduced", "not reproducible"), (Text(broken, "verdict_before"), Text(broken, "verdict")));
        var failed = events.First(one => one.Kind == EventKind.BuildFailed);
        Assert.Equal(("hello", "debian-12", Uuid(4)), (failed.Job, failed.Platform, failed.Build));
        Assert.Equal("failed (exit code 2)", Text(Data(failed), "result"));
        Assert.Equal(Uuid(3).ToString(), Text(Data(failed).GetProperty("previous"), "build"));
        var changed = Data(events.First(one => one.Kind == EventKind.OutputChanged));
        Assert.Equal(Uuid(3).ToString(), Text(changed.GetProperty("previous"), "build"));
        Assert.Equal(1, changed.GetProperty("version").GetInt32());
    }

    [Theory]
    [InlineData(DatabaseEngine.Sqlite)]
    [InlineData(DatabaseEngine.PostgreSql)]
    public async Task A_build_over_its_budget_is_an_event_with_what_is_too_much(DatabaseEngine engine)
    {
        await using var fixture = await StorageFixture.CreateAsync(engine);
        var budget = new StoredBudget(Size: 4, GrowthPermille: 50, Time: null);
        await BudgetRows.ReplaceAsync(fixture.Storage.Database, new Dictionary<string, StoredBudget> { ["hello"] = budget }, Stop);

        Assert.Equal(["build.stored"], await UploadAsync(fixture, SampleExec.Whole(Uuid(1), "four"), hour: 1));
        Assert.Equal(
            ["build.stored", "budget.exceeded", "output.changed"],
            await UploadAsync(fixture, SampleExec.Whole(Uuid(2), "larger", "new sources"), hour: 2)
        );

        var over = Data((await AllAsync(fixture)).Single(one => one.Kind == EventKind.BudgetExceeded)).GetProperty("over_budget");
        Assert.Equal((6, 4), Limit("size"));
        Assert.Equal((500, 50), Limit("growth"));
        Assert.False(over.TryGetProperty("time", out _));

        (int, int) Limit(string name) =>
            (over.GetProperty(name).GetProperty("value").GetInt32(), over.GetProperty(name).GetProperty("budget").GetInt32());
    }

    [Theory]
    [InlineData(DatabaseEngine.Sqlite)]
    [InlineData(DatabaseEngine.PostgreSql)]
    public async Task Events_about_a_failed_build_have_its_first_error_from_the_beginning(DatabaseEngine engine)
    {
        await using var fixture = await StorageFixture.CreateAsync(engine);
        string[] console = ["cc -c a.c", "a.c:1:10: fatal error: gmp.h: No such file or directory", "make: *** [Makefile:2: a.o] Error 1"];

        await UploadAsync(fixture, SampleExec.Encode(uuid: Uuid(1), result: new ExecutionResult.Exited(2), console: console), hour: 1);
        await UploadAsync(fixture, SampleExec.Encode(uuid: Uuid(2), result: new ExecutionResult.Exited(2), console: ["bye"]), hour: 2);

        var events = await AllAsync(fixture);
        foreach (var one in events.Where(one => one.Build == Uuid(1)))
        {
            var error = Data(one).GetProperty("first_error");
            Assert.Equal((2, "gcc", console[1]), (error.GetProperty("line").GetInt32(), Text(error, "tool"), Text(error, "text")));
        }
        Assert.Equal(2, events.Count(one => one.Build == Uuid(1)));
        Assert.All(events.Where(one => one.Build == Uuid(2)), one => Assert.False(Data(one).TryGetProperty("first_error", out _)));
        // Both were looked at: nothing is left for the background.
        var index = new FailureIndex(fixture.Storage.Database, fixture.Storage.BuildFiles);
        await index.AdvanceAsync(null, Stop);
        await using var session = await fixture.Storage.Database.OpenReadAsync(Stop);
        Assert.Equal(2, await session.IntegerAsync("SELECT COUNT(*) FROM failure", Stop));
    }

    [Fact]
    public async Task An_upload_that_is_undone_records_nothing()
    {
        await using var fixture = await StorageFixture.CreateAsync();

        await Assert.ThrowsAnyAsync<Exception>(() =>
            fixture.Crashing(new CrashPoint("commit")).IngestAsync(new MemoryStream(SampleExec.Whole(Uuid(1))), StorageFixture.Admin, Stop)
        );

        Assert.Empty(await AllAsync(fixture));
    }

    [Fact]
    public async Task An_occurrence_is_recorded_once()
    {
        await using var fixture = await StorageFixture.CreateAsync();
        var lost = new NewEvent("worker.lost/a/1", EventKind.WorkerLost, null, "debian-12", null, "{}");

        await OutboxEvents.AddAsync(fixture.Storage.Database, [lost, lost], DateTimeOffset.UnixEpoch, Stop);
        await OutboxEvents.AddAsync(fixture.Storage.Database, [lost], DateTimeOffset.UnixEpoch, Stop);

        Assert.Single(await AllAsync(fixture));
    }

    private static BuildUuid Uuid(int number) => BuildUuid.Parse($"0190a6b2-0000-4000-8000-{number:d12}");

    private static byte[] Failed(int number) =>
        SampleExec.Encode(uuid: Uuid(number), result: new ExecutionResult.Exited(2), artifacts: [("build.log", "no")]);

    /// <summary>The kinds of events that the upload recorded.</summary>
    private static async Task<List<string>> UploadAsync(StorageFixture fixture, byte[] exec, int hour)
    {
        var before = (await AllAsync(fixture)).Count;
        await fixture.UploadAsync(exec);
        var added = (await AllAsync(fixture)).Skip(before).ToList();
        // Sample builds all start at the same time; what is compared is what was stored earlier.
        await fixture.Storage.Database.WriteAsync(
            session =>
                session.ExecuteAsync(
                    "UPDATE build SET start_ps = @ps WHERE uuid = @uuid",
                    Stop,
                    ("@ps", hour * HalfHour),
                    ("@uuid", added[0].Build)
                ),
            Stop
        );
        return [.. added.Select(one => one.Kind)];
    }

    private static async Task<List<OutboxEvent>> AllAsync(StorageFixture fixture)
    {
        await using var session = await fixture.Storage.Database.OpenReadAsync(Stop);
        return await OutboxEvents.AfterAsync(session, 0, 100, Stop);
    }

    private static JsonElement Data(OutboxEvent one) => JsonDocument.Parse(one.Data).RootElement;

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
