using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Accounts;
using Builder.Storage.Database;
using Builder.Storage.Index;
using Builder.Storage.Ingestion;
using Builder.Storage.Maintenance;
using Builder.Storage.Migrations;
using Builder.Storage.Tests.Ingestion;
using Builder.Storage.Troubles;
using Builder.Testing;

namespace Builder.Storage.Tests.Maintenance;

public abstract class BackupAndCopyTests(DatabaseEngine engine)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public sealed class OnSqlite() : BackupAndCopyTests(DatabaseEngine.Sqlite);

    public sealed class OnPostgreSql() : BackupAndCopyTests(DatabaseEngine.PostgreSql);

    [Fact]
    public async Task A_backup_taken_while_uploads_go_on_can_be_served()
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects: false);
        for (var i = 0; i < 5; i++)
            await storage.UploadAsync(SampleExec.Whole(binary: $"binary {i}"));
        using var target = new TemporaryDirectory();
        var uploads = Enumerable
            .Range(5, 10)
            .Select(i => Task.Run(() => storage.UploadAsync(SampleExec.Whole(binary: $"binary {i}"))))
            .ToList();

        await new Backup(storage.Storage, target["backup"], new NoProgress()).RunAsync(Cancellation);
        await Task.WhenAll(uploads);

        Assert.InRange(await VerifiedBuildsAsync(target["backup"]), 5, 15);
        // Again, into the same place.
        var again = await new Backup(storage.Storage, target["backup"], new NoProgress()).RunAsync(Cancellation);
        Assert.Equal(15, await VerifiedBuildsAsync(target["backup"]));
        Assert.Equal(0, (await new Backup(storage.Storage, target["backup"], new NoProgress()).RunAsync(Cancellation)).Files);
        Assert.InRange(again.Files, 0, 100);
    }

    [Fact]
    public async Task A_backup_follows_what_was_removed_unless_told_to_keep_it()
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects: false);
        await storage.UploadAsync(SampleExec.Whole(binary: "kept"));
        await storage.UploadAsync(SampleExec.Whole(binary: "removed", job: "gone"));
        using var target = new TemporaryDirectory();
        foreach (var place in new[] { "mirror", "all" })
            await new Backup(storage.Storage, target[place], new NoProgress()).RunAsync(Cancellation);
        await File.WriteAllTextAsync(target["mirror/notes.txt"], "the operator's", Cancellation);
        Assert.True(await new BuildRemoval(storage.Storage, TimeProvider.System).RemoveJobAsync(JobName.Parse("gone"), Cancellation));

        // The build's directory and its binary; what it shared with the other build stays.
        Assert.Equal(2, (await new Backup(storage.Storage, target["mirror"], new NoProgress()).RunAsync(Cancellation)).Removed);
        Assert.Equal(
            0,
            (await new Backup(storage.Storage, target["all"], new NoProgress(), keepRemoved: true).RunAsync(Cancellation)).Removed
        );

        Assert.Equal(1, await VerifiedBuildsAsync(target["mirror"]));
        Assert.True(File.Exists(target["mirror/notes.txt"]));
        Assert.False(Directory.Exists(target["mirror/gone"]));
        Assert.Single(Directory.GetDirectories(target["all/gone"]));
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public async Task A_backup_has_no_session_and_no_link_and_tokens_only_if_told_to(bool keepsTokens, int tokens)
    {
        await using var storage = await StorageFixture.CreateAsync(engine);
        using var target = new TemporaryDirectory();
        var database = storage.Storage.Database;
        await new UserAdministration(database).AddAsync("anna", "secret", isRestricted: false, new ScryptParameters(2, 1, 1), Cancellation);
        var user = await database.WriteAsync(session => UserAdministration.FindAsync(session, "anna", Cancellation), Cancellation);
        await new AccountSessions(database, TimeProvider.System).BeginAsync(user, "password", "::1", "test", Cancellation);
        await new SignInLinks(database, TimeProvider.System).MakeAsync("anna", Cancellation);
        Assert.True(TokenScopes.TryParse("upload:*", out var scopes, out _));
        var token = await new ApiTokens(database, TimeProvider.System).MakeAsync("anna", "t", scopes, null, Cancellation);

        // Into a place of its own, then once more over it.
        for (var times = 0; times < 2; times++)
            await new Backup(storage.Storage, target["backup"], new NoProgress(), keepTokens: keepsTokens).RunAsync(Cancellation);

        await using var restored = await BuilderDatabase.OpenAsync(new DatabaseSettings(target["backup"]), Cancellation);
        await using (var session = await restored.OpenReadAsync(Cancellation))
        {
            Assert.Equal(0, await session.IntegerAsync("SELECT COUNT(*) FROM sign_in_session", Cancellation));
            Assert.Equal(0, await session.IntegerAsync("SELECT COUNT(*) FROM sign_in_link", Cancellation));
            Assert.Equal(tokens, await session.IntegerAsync("SELECT COUNT(*) FROM api_token", Cancellation));
        }
        Assert.Equal(keepsTokens, await new ApiTokens(restored, TimeProvider.System).FindAsync(token!, Cancellation) is not null);
        Assert.Single(await new UserAdministration(restored).ListAsync(Cancellation), static listed => listed.Name == "anna");
    }

    [Fact]
    public async Task A_backup_is_never_made_over_a_directory_that_is_served()
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects: false);
        await using var other = await StorageFixture.CreateAsync();
        await other.UploadAsync(SampleExec.Whole());

        var refusal = await Assert.ThrowsAsync<IOException>(() =>
            new Backup(storage.Storage, other.Folder.Root, new NoProgress()).RunAsync(Cancellation)
        );

        Assert.Contains(other.Folder.Root, refusal.Message, StringComparison.Ordinal);
        Assert.Empty(await other.VerifyAsync());
        Assert.Equal(1, await other.CountAsync("build"));
    }

    [Fact]
    public async Task What_is_damaged_is_named_keeps_nothing_else_back_and_never_replaces_a_good_copy()
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects: false);
        await storage.UploadAsync(SampleExec.Whole(binary: "cut off later"));
        await storage.UploadAsync(SampleExec.Whole(binary: "missing", job: "gone"));
        using var target = new TemporaryDirectory();
        await new Backup(storage.Storage, target["backup"], new NoProgress()).RunAsync(Cancellation);
        await storage.UploadAsync(SampleExec.Whole(binary: "changed", job: "new"));
        string Place(ReadOnlySpan<byte> content) => storage.Storage.Directory.OfArtifact(Sha256Digest.Of(content));
        await File.WriteAllTextAsync(Place("cut off later"u8), "cut", Cancellation);
        await File.WriteAllTextAsync(Place("changed"u8), "CHANGED", Cancellation);
        File.Delete(Place("missing"u8));
        Directory.Delete(storage.Folder["gone"], recursive: true);

        var report = await new Backup(storage.Storage, target["backup"], new NoProgress()).RunAsync(Cancellation);

        // Two of the four are in the earlier backup, as they should be.
        Assert.Equal(2, report.Damaged.Count);
        Assert.Contains("_artifacts", report.Damaged[0], StringComparison.Ordinal);
        Assert.StartsWith("gone/", report.Damaged[1], StringComparison.Ordinal);
        Assert.Equal([FindingKind.Missing], (await FindingsAsync(target["backup"])).Select(finding => finding.Kind));
    }

    [Fact]
    public async Task A_log_that_a_reader_left_beside_an_earlier_backup_is_not_taken_for_the_new_tables_own()
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects: false);
        await storage.UploadAsync(SampleExec.Whole());
        using var target = new TemporaryDirectory();
        await new Backup(storage.Storage, target["backup"], new NoProgress()).RunAsync(Cancellation);
        // What a process that was killed while it had the earlier backup open leaves: its last writes in a log.
        using (var reader = SqliteDump.Open(target["backup/builder.sqlite3"]))
        {
            SqliteDump.Execute(reader, "PRAGMA journal_mode = WAL; CREATE TABLE stale (x); INSERT INTO stale SELECT zeroblob(5000)");
            File.Copy(target["backup/builder.sqlite3-wal"], target["wal"]);
        }
        await storage.UploadAsync(SampleExec.Whole(binary: "another"));
        File.Move(target["wal"], target["backup/builder.sqlite3-wal"]);

        await new Backup(storage.Storage, target["backup"], new NoProgress()).RunAsync(Cancellation);

        Assert.False(new FileInfo(target["backup/builder.sqlite3-wal"]) is { Exists: true, Length: > 0 });
        Assert.Equal(2, await VerifiedBuildsAsync(target["backup"]));
    }

    [Fact]
    public async Task Two_backups_are_not_made_to_one_place_at_once()
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects: false);
        using var target = new TemporaryDirectory();
        await new Backup(storage.Storage, target["backup"], new NoProgress()).RunAsync(Cancellation);
        using var other = new FileStream(target["backup/_backup"], FileMode.Open, FileAccess.ReadWrite, FileShare.None);

        var refusal = await Assert.ThrowsAsync<IOException>(() =>
            new Backup(storage.Storage, target["backup"], new NoProgress()).RunAsync(Cancellation)
        );

        Assert.Contains("Another backup", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backup_into_the_data_directory_is_refused()
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects: false);

        await Assert.ThrowsAsync<IOException>(() =>
            new Backup(storage.Storage, storage.Folder["backup"], new NoProgress()).RunAsync(Cancellation)
        );
    }

    [Fact]
    public async Task A_copy_to_the_other_engine_and_back_is_the_same_row_by_row_and_goes_on()
    {
        using var folder = await DataFolder.UnpackAsync("web/datadir.tar.gz", "web");
        await folder.MigrateAsync();
        await IndexAsync(folder.Settings);
        var before = SqliteDump.OfFile(folder["builder.sqlite3"]).ToList();
        Assert.Contains(before, line => line.StartsWith("package_use|", StringComparison.Ordinal));
        var there = new DatabaseSettings(folder.Root, engine == DatabaseEngine.PostgreSql ? await Engines.NewPostgreSqlAsync() : null);
        using var other = new TemporaryDirectory();
        if (engine == DatabaseEngine.Sqlite)
            there = new DatabaseSettings(other["other"]);

        await CopyAsync(folder.Settings, there);
        await Assert.ThrowsAsync<SchemaException>(() => CopyAsync(folder.Settings, there));
        var back = new DatabaseSettings(other["back"]);
        await CopyAsync(there, back);

        Assert.Equal(WithoutRevision(before), WithoutRevision(SqliteDump.OfFile(back.SqlitePath)));
        await using var storage = await BuilderStorage.OpenAsync(
            there with
            {
                DataDirectory = folder.Root,
            },
            TimeProvider.System,
            Cancellation
        );
        if (engine == DatabaseEngine.PostgreSql)
            Assert.IsType<UploadResult.Stored>(
                await storage.Uploads.IngestAsync(new MemoryStream(SampleExec.Whole()), StorageFixture.Admin, Cancellation)
            );
    }

    /// <summary>The number of writes is the copy's own. Counters of ids are copied: those of rows that are gone must not come again.</summary>
    private static IEnumerable<string> WithoutRevision(IEnumerable<string> dump) =>
        dump.Where(line => !line.StartsWith("revision|", StringComparison.Ordinal));

    /// <summary>What builds contain is copied too: of removed ones it stands nowhere else. Differences are computed again, policies come from the server.</summary>
    private static async Task IndexAsync(DatabaseSettings settings)
    {
        await using var storage = await BuilderStorage.OpenAsync(settings, TimeProvider.System, Cancellation);
        var index = new PackageIndex(storage.Database, storage.Artifacts);
        while (await index.AdvanceAsync(Cancellation) > 0)
            Assert.True(await index.RemainingAsync(Cancellation) >= 0);
        await storage.Database.WriteAsync(
            session => session.ExecuteAsync("DROP TABLE difference; DROP TABLE job_policy", Cancellation),
            Cancellation
        );
    }

    private static async Task CopyAsync(DatabaseSettings source, DatabaseSettings target)
    {
        await new Migrator(target, new NoProgress()).MigrateAsync(Cancellation);
        await using var from = await BuilderDatabase.OpenAsync(source, Cancellation);
        await using var to = await BuilderDatabase.OpenAsync(target, Cancellation);
        await DatabaseCopy.CopyAsync(from, to, new NoProgress(), Cancellation);
    }

    private static async Task<List<Finding>> FindingsAsync(string directory)
    {
        await using var storage = await BuilderStorage.OpenAsync(new DatabaseSettings(directory), TimeProvider.System, Cancellation);
        var findings = new List<Finding>();
        await foreach (var finding in new DataDirectoryVerifier(storage, repair: false, progress: null).VerifyAsync(Cancellation))
            findings.Add(finding);
        return findings;
    }

    private static async Task<long> VerifiedBuildsAsync(string directory)
    {
        await using var storage = await BuilderStorage.OpenAsync(new DatabaseSettings(directory), TimeProvider.System, Cancellation);
        await foreach (var finding in new DataDirectoryVerifier(storage, repair: false, progress: null).VerifyAsync(Cancellation))
            Assert.Fail($"{finding}");
        await using var session = await storage.Database.OpenReadAsync(Cancellation);
        return await session.IntegerAsync("SELECT COUNT(*) FROM build", Cancellation);
    }
}
