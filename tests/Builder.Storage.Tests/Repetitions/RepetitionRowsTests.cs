using Builder.Analysis.Values;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Ingestion;
using Builder.Storage.Repetitions;
using Builder.Storage.Tests.Ingestion;
using Builder.Storage.Values;

namespace Builder.Storage.Tests.Repetitions;

public sealed class RepetitionRowsTests
{
    private static readonly VariationReport Made = new(
        Variations.Time,
        [new MissingVariation(Variations.Cpus, MissingVariation.OneProcessor)]
    );

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseEngine.Sqlite)]
    [InlineData(DatabaseEngine.PostgreSql)]
    public async Task Links_hold_in_any_order_of_uploads_and_say_what_agrees(DatabaseEngine engine)
    {
        await using var fixture = await StorageFixture.CreateAsync(engine);
        var (first, agreeing, differing) = (BuildUuid.NewRandom(), BuildUuid.NewRandom(), BuildUuid.NewRandom());
        await UploadAsync(fixture, SampleExec.Whole(agreeing, "one"), Header(first));
        await UploadAsync(fixture, SampleExec.Whole(first, "one"), null);
        await UploadAsync(
            fixture,
            SampleExec.Whole(differing, "two", "other inputs"),
            Header(first) with
            {
                Finding = new BisectionFinding(BisectionKind.Variation, Variations.Time),
            }
        );
        await UploadAsync(fixture, SampleExec.Encode(artifacts: ("README.md", "no main binary")), Header(first));

        await using var session = await fixture.Storage.Database.OpenReadAsync(Stop);
        var output = Sha256Digest.Of("one"u8);
        var summary = (await RepetitionRows.OfOutputsAsync(session, new JobId(1), [output], Stop))[output];
        Assert.Equal((true, 2, Variations.Time), (summary.HasAgreeing, summary.Workers, summary.Made));
        Assert.Equal(Made.Missing, summary.Missing);
        Assert.Equal((Variations.Time, Variations.Time), (summary.Differing, summary.Finding!.Value.Variation));
        var differ = await RepetitionRows.DifferingAsync(
            session,
            new JobId(1),
            [output, Sha256Digest.Of("two"u8), Sha256Digest.Of("three"u8)],
            Stop
        );
        Assert.Equal(new HashSet<Sha256Digest> { output, Sha256Digest.Of("two"u8) }, differ);
        Assert.True((await RepetitionRows.FindAsync(session, agreeing, Stop))!.Agrees);
        Assert.Equal(3, (await RepetitionRows.OfBuildAsync(session, first, 10, Stop)).Count);
    }

    [Fact]
    public async Task A_rollback_keeps_them_for_the_way_up()
    {
        await using var fixture = await StorageFixture.CreateAsync();
        var first = BuildUuid.NewRandom();
        await UploadAsync(fixture, SampleExec.Whole(first, "one"), null);
        await UploadAsync(fixture, SampleExec.Whole(binary: "two"), Header(first));
        var before = await fixture.RowsAsync("SELECT repeats || made || missing FROM repetition", static row => row.Text(0));
        await fixture.Storage.DisposeAsync();

        await fixture.Folder.RollbackToAsync(21);
        Assert.True(File.Exists(fixture.Folder["_repetitions.jsonl"]));
        await fixture.Folder.MigrateAsync();

        Assert.False(File.Exists(fixture.Folder["_repetitions.jsonl"]));
        await using var database = await fixture.Folder.OpenAsync();
        await using var session = await database.OpenReadAsync(Stop);
        Assert.Equal(
            before,
            await session.QueryAsync("SELECT repeats || made || missing FROM repetition", static row => row.Text(0), Stop)
        );
    }

    private static RepetitionHeader Header(BuildUuid repeats) => new(repeats, "two", "one", Made);

    private static async Task UploadAsync(StorageFixture fixture, byte[] exec, RepetitionHeader? header) =>
        Assert.IsType<UploadResult.Stored>(
            await fixture.Storage.Uploads.IngestAsync(new MemoryStream(exec), StorageFixture.Admin, Stop, repetition: header)
        );
}
