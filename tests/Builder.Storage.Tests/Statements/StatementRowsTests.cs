using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Ingestion;
using Builder.Storage.Maintenance;
using Builder.Storage.Statements;
using Builder.Storage.Tests.Ingestion;

namespace Builder.Storage.Tests.Statements;

public sealed class StatementRowsTests
{
    private static readonly BuildUuid First = BuildUuid.Parse("0190a6b2-0000-4000-8000-000000000001");
    private static readonly BuildUuid Second = BuildUuid.Parse("0190a6b2-0000-4000-8000-000000000002");
    private static readonly DateTimeOffset Noon = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseEngine.Sqlite)]
    [InlineData(DatabaseEngine.PostgreSql)]
    public async Task A_stored_build_is_to_be_attested_and_has_the_record_that_came_with_it(DatabaseEngine engine)
    {
        await using var fixture = await StorageFixture.CreateAsync(engine);

        await UploadAsync(fixture, First, new UploadedRecord(First, "of the first"u8.ToArray()));
        await UploadAsync(fixture, Second, new UploadedRecord(First, "of another"u8.ToArray()));

        await using var session = await fixture.Storage.Database.OpenReadAsync(Stop);
        Assert.Equal("of the first"u8.ToArray(), await RecordRows.FindAsync(session, First, Stop));
        Assert.Null(await RecordRows.FindAsync(session, Second, Stop));
        Assert.Equal(
            [new(First, StatementKind.Provenance, 0, null), new(Second, StatementKind.Provenance, 0, null)],
            await AttestationTasks.DueAsync(session, Noon, 10, Stop)
        );
    }

    [Theory]
    [InlineData(DatabaseEngine.Sqlite)]
    [InlineData(DatabaseEngine.PostgreSql)]
    public async Task A_statement_is_kept_once_and_outlives_its_build(DatabaseEngine engine)
    {
        await using var fixture = await StorageFixture.CreateAsync(engine);
        await UploadAsync(fixture, First, null);
        var subject = Sha256Digest.Of("content"u8);
        await KeepAsync(fixture, Statement("signed"), [subject]);
        await KeepAsync(fixture, Statement("signed"), [subject]);
        await KeepAsync(fixture, Statement("signed again"), [subject]);

        var removal = new BuildRemoval(fixture.Storage, TimeProvider.System);
        await removal.RemoveAsync(await removal.SelectAsync(new RemovalSelection.Everything(), Stop), progress: null, Stop);

        await using var session = await fixture.Storage.Database.OpenReadAsync(Stop);
        var kept = Assert.Single(await StatementRows.OfBuildAsync(session, First, Stop));
        Assert.Equal("signed"u8, kept.Envelope.ToArray());
        Assert.Equal((321L, Noon, "SHA256:key"), (kept.LogIndex, kept.Created, kept.KeyId));
        Assert.Single(await StatementRows.OfArtifactAsync(session, subject, Stop));
        Assert.Empty(await StatementRows.OfArtifactAsync(session, Sha256Digest.Of("other"u8), Stop));
        Assert.Null(await StatementRows.LatestAsync(session, First, StatementKind.Retraction, Stop));
    }

    [Theory]
    [InlineData(DatabaseEngine.Sqlite)]
    [InlineData(DatabaseEngine.PostgreSql)]
    public async Task A_rollback_keeps_statements_in_a_file_and_the_way_up_takes_them_back(DatabaseEngine engine)
    {
        await using var fixture = await StorageFixture.CreateAsync(engine);
        await UploadAsync(fixture, First, new UploadedRecord(First, "record"u8.ToArray()));
        await KeepAsync(fixture, Statement("signed"), [Sha256Digest.Of("content"u8)]);
        await fixture.Storage.DisposeAsync();

        while (!File.Exists(fixture.Folder["_statements.jsonl"]))
            await fixture.Folder.RollbackAsync();
        await fixture.Folder.MigrateAsync();

        Assert.False(File.Exists(fixture.Folder["_statements.jsonl"]));
        await using var database = await fixture.Folder.OpenAsync();
        await using var session = await database.OpenReadAsync(Stop);
        Assert.Equal("record"u8.ToArray(), await RecordRows.FindAsync(session, First, Stop));
        var kept = Assert.Single(await StatementRows.OfArtifactAsync(session, Sha256Digest.Of("content"u8), Stop));
        Assert.Equal(Statement("signed").Digest, kept.Digest);
    }

    [Theory]
    [InlineData(DatabaseEngine.Sqlite)]
    [InlineData(DatabaseEngine.PostgreSql)]
    public async Task A_refused_task_waits_and_is_given_up_until_somebody_asks_for_all(DatabaseEngine engine)
    {
        await using var fixture = await StorageFixture.CreateAsync(engine);
        await UploadAsync(fixture, First, null);
        var database = fixture.Storage.Database;
        var task = new AttestationTask(First, StatementKind.Provenance, 0, null);
        for (var attempt = 0; attempt < AttestationTasks.MaxAttempts; attempt++)
            await database.WriteAsync(session => AttestationTasks.RefusedAsync(session, task, "no", Noon.AddHours(1), Stop), Stop);

        await using (var session = await database.OpenReadAsync(Stop))
        {
            Assert.Empty(await AttestationTasks.DueAsync(session, Noon.AddHours(2), 10, Stop));
            Assert.Equal("no", (await AttestationTasks.FindAsync(session, First, StatementKind.Provenance, Stop))?.Refusal);
        }
        Assert.Equal(1, await AttestationTasks.AddMissingAsync(database, isAgain: false, Stop));
        await using (var session = await database.OpenReadAsync(Stop))
            Assert.Empty(await AttestationTasks.DueAsync(session, Noon, 10, Stop));
        Assert.Equal(1, await AttestationTasks.AddMissingAsync(database, isAgain: true, Stop));
        await using (var session = await database.OpenReadAsync(Stop))
            Assert.Equal([task], await AttestationTasks.DueAsync(session, Noon, 10, Stop));
    }

    private static Task<UploadResult> UploadAsync(StorageFixture fixture, BuildUuid uuid, UploadedRecord? record) =>
        fixture.Storage.Uploads.IngestAsync(new MemoryStream(SampleExec.Whole(uuid)), StorageFixture.Admin, Stop, record);

    private static Task KeepAsync(StorageFixture fixture, StoredStatement statement, Sha256Digest[] subjects) =>
        fixture.Storage.Database.WriteAsync(session => StatementRows.InsertAsync(session, statement, subjects, Stop), Stop);

    private static StoredStatement Statement(string envelope) =>
        new(First, StatementKind.Provenance, System.Text.Encoding.UTF8.GetBytes(envelope), "SHA256:key", 321, Noon);
}
