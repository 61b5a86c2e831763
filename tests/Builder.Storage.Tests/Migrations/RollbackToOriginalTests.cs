using Builder.Protocol.Values;
using Builder.Storage.Accounts;
using Builder.Storage.Migrations;
using Builder.Storage.Tests.Ingestion;
using Builder.Storage.Tests.Packing;
using Builder.Storage.Troubles;

namespace Builder.Storage.Tests.Migrations;

/// <summary>After the way back to the original's version the data directory holds what the original would have put there, and no more.</summary>
public sealed class RollbackToOriginalTests
{
    private static readonly BuildUuid First = BuildUuid.Parse("0190a6b2-0000-4000-8000-000000000001");
    private static readonly BuildUuid Second = BuildUuid.Parse("0190a6b2-0000-4000-8000-000000000002");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_of_ours_is_left_and_migrating_takes_it_back()
    {
        using var folder = await UsedAsync(await LargeAsync());
        var ours = Kept(folder);
        Assert.Equal("wal", JournalMode(folder));
        var reports = new Reports();

        await new Migrator(folder.Settings, reports).RollbackAsync(Cancellation);

        // Never in a database of the original: everything besides rows' files, contents and its own pictures.
        Assert.Equal(await OfOriginalAsync(folder), EntriesOf(folder.Root));
        Assert.Equal("delete", JournalMode(folder));
        var aside = EntriesOf(folder.Root + ".rolled-back");
        foreach (
            var expected in (string[])
                [
                    "_backup.lock",
                    "_cache/treemap_101/a.html",
                    "_check.json",
                    "_chunks/ab/abcd",
                    "_lost/file",
                    "_publishing/tasks.sqlite3",
                    "_repositories/apt/current",
                    $"hello/{First}/exec",
                    $"hello/{First}/withheld/0",
                    $"hello/{First}/withheld/1",
                    $"hello/{Second}/exec",
                ]
        )
            Assert.Contains(expected, aside);
        foreach (var told in (string[])["_publishing", "_repositories", "_cache/treemap_101", $"hello/{First}: exec, withheld"])
            Assert.Contains($"moved to {folder.Root}.rolled-back: {told}", reports.Lines);

        await folder.MigrateAsync();

        Assert.Equal(ours, Kept(folder));
        Assert.False(Directory.Exists(folder.Root + ".rolled-back"));
        Assert.Equal("snapshot-1", new FileInfo(folder["_repositories/apt/current"]).LinkTarget);
        await using var storage = await StorageFixture.OpenAsync(folder);
        Assert.Empty((await storage.VerifyAsync()).Select(finding => finding.ToString()));
    }

    [Fact]
    public async Task A_second_time_keeps_what_the_first_set_aside()
    {
        using var folder = await UsedAsync(await LargeAsync());
        await folder.RollbackAsync();
        // The original removes a build meanwhile.
        Directory.Delete(folder[$"hello/{First}"], recursive: true);
        await folder.MigrateAsync();
        Assert.Equal(
            [$"hello/{First}/exec", $"hello/{First}/withheld/0", $"hello/{First}/withheld/1"],
            EntriesOf(folder.Root + ".rolled-back")
        );

        await folder.RollbackToAsync(18);

        Assert.Equal(
            [$"hello/{First}/exec", $"hello/{First}/withheld/0", $"hello/{First}/withheld/1"],
            EntriesOf(folder.Root + ".rolled-back")
        );
        Assert.Contains($"hello/{Second}/exec", EntriesOf(folder.Root + ".rolled-back-2"));
        await folder.MigrateAsync();
        Assert.True(File.Exists(folder[$"hello/{Second}/exec"]));
        Assert.False(Directory.Exists(folder.Root + ".rolled-back-2"));
    }

    [Fact]
    public async Task Whoever_asks_for_it_keeps_all_in_place_but_for_the_journal()
    {
        using var folder = await UsedAsync(await LargeAsync());
        var ours = Kept(folder);

        await new Migrator(folder.Settings, new NoProgress()).RollbackAsync(Cancellation, keepOwnEntries: true);

        Assert.Equal(ours, Kept(folder));
        Assert.False(Directory.Exists(folder.Root + ".rolled-back"));
        Assert.Equal("delete", JournalMode(folder));
    }

    [Fact]
    public async Task A_new_database_takes_nothing_that_an_earlier_one_left()
    {
        using var folder = await UsedAsync(await SmallAsync());
        await folder.RollbackAsync();
        Directory.Delete(folder.Root, recursive: true);

        await folder.MigrateAsync();

        Assert.Empty(Kept(folder));
        Assert.Contains("_publishing/tasks.sqlite3", EntriesOf(folder.Root + ".rolled-back"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_program_that_has_the_database_open_keeps_it(bool isSite)
    {
        using var folder = await UsedAsync(await LargeAsync());
        await folder.MigrateAsync();
        var before = Kept(folder);
        SchemaException refusal;
        await using (IAsyncDisposable open = isSite ? await StorageFixture.OpenAsync(folder, keepsFolder: true) : await folder.OpenAsync())
            refusal = await Assert.ThrowsAsync<SchemaException>(folder.RollbackAsync);

        Assert.Contains("stop builder web", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, Kept(folder));
        Assert.Equal(Migrator.NewestVersion, await new Migrator(folder.Settings, new NoProgress()).CurrentVersionAsync(Cancellation));
        await folder.RollbackAsync();
    }

    [Fact]
    public async Task Packed_contents_are_whole_again_before_the_first_step_down()
    {
        await using var packed = await StorageFixture.CreateAsync();
        await packed.UploadDaysAsync(6);
        await packed.PackAsync();
        await packed.Storage.DisposeAsync();

        await packed.Folder.RollbackAsync();
        for (var day = 0; day < 6; day++)
            Assert.Equal(
                PackedSamples.Content(day),
                await File.ReadAllBytesAsync(packed.Storage.Directory.OfArtifact(PackedSamples.Digest(day)), Cancellation)
            );
        await packed.Folder.RollbackToAsync(18);

        // The original's layout: nothing but its artifacts, the small one among them.
        Assert.Equal(7, Directory.GetFiles(packed.Storage.Directory.Artifacts, "*", SearchOption.AllDirectories).Length);
        await packed.Folder.MigrateAsync();
        await using var again = await StorageFixture.OpenAsync(packed.Folder, keepsFolder: true);
        await again.RequireDaysAsync(6);
        Assert.Empty(await again.VerifyAsync());
    }

    [Fact]
    public async Task Killed_anywhere_and_done_again_it_ends_the_same()
    {
        using var undisturbed = await UsedAsync(await SmallAsync());
        await undisturbed.RollbackAsync();
        var tables = WithoutUsers(undisturbed);
        var left = EntriesOf(undisturbed.Root);
        var aside = EntriesOf(undisturbed.Root + ".rolled-back");

        for (var crashAt = 0; ; crashAt++)
        {
            using var folder = await UsedAsync(await SmallAsync());
            var crash = new CrashPoint(crashAt);
            try
            {
                await new Migrator(folder.Settings, new NoProgress(), crash.Files).RollbackAsync(Cancellation);
                Assert.True(crashAt > 40, $"only {crashAt} steps were tried");
                break;
            }
            catch (SimulatedCrashException)
            {
                // The program ended here; the operator starts it again.
            }
            await folder.RollbackAsync();
            Assert.True(left.SequenceEqual(EntriesOf(folder.Root)), $"entries differ after a crash before: {crash.Step}");
            Assert.True(
                aside.SequenceEqual(EntriesOf(folder.Root + ".rolled-back")),
                $"what is set aside differs after a crash before: {crash.Step}"
            );
            Assert.False(Directory.Exists(folder.Root + ".rolled-back-2"), $"a second directory after a crash before: {crash.Step}");
            Assert.Equal(tables, WithoutUsers(folder));
        }
    }

    [Fact]
    public async Task Killed_anywhere_on_the_way_up_again_it_takes_back_all()
    {
        using var undisturbed = await UsedAsync(await SmallAsync());
        var ours = Kept(undisturbed);

        for (var crashAt = 0; ; crashAt++)
        {
            using var folder = await UsedAsync(await SmallAsync());
            await folder.RollbackAsync();
            var crash = new CrashPoint(crashAt);
            try
            {
                await new Migrator(folder.Settings, new NoProgress(), crash.Files).MigrateAsync(Cancellation);
                Assert.True(crashAt > 20, $"only {crashAt} steps were tried");
                break;
            }
            catch (SimulatedCrashException)
            {
                // The program ended here; the operator starts it again.
            }
            await folder.MigrateAsync();
            Assert.True(ours.SequenceEqual(Kept(folder)), $"files differ after a crash before: {crash.Step}");
            Assert.False(Directory.Exists(folder.Root + ".rolled-back"), $"something stays aside after a crash before: {crash.Step}");
        }
    }

    /// <summary>The original's directory.</summary>
    private static async Task<DataFolder> LargeAsync()
    {
        var folder = await DataFolder.UnpackAsync("web/datadir.tar.gz", "web");
        await folder.MigrateAsync();
        return folder;
    }

    /// <summary>One that began with ours.</summary>
    private static async Task<DataFolder> SmallAsync()
    {
        var folder = await DataFolder.NewestAsync();
        await using var database = await folder.OpenAsync();
        await new UserAdministration(database).AddAsync(
            "admin",
            "secret",
            isRestricted: false,
            new ScryptParameters(2, 1, 1),
            Cancellation
        );
        return folder;
    }

    /// <summary>Used by everything of ours that writes there, with an upload that was cut off, and then rolled back to version 19.</summary>
    private static async Task<DataFolder> UsedAsync(DataFolder folder)
    {
        await using (var storage = await StorageFixture.OpenAsync(folder, keepsFolder: true))
        {
            await storage.UploadAsync(SampleExec.Whole(First));
            await storage.UploadAsync(SampleExec.Encode(job: "hello", uuid: Second));
        }
        foreach (
            var path in (string[])
                [
                    "_backup.lock",
                    "_cache/treemap_101/a.html",
                    "_check.json",
                    "_chunks/ab/abcd",
                    "_lost/file",
                    "_publishing/tasks.sqlite3",
                    "_repositories/apt/snapshot-1/Release",
                    "_staging/11111111-0000-4000-8000-000000000000/artifact-0",
                ]
        )
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[path])!);
            await File.WriteAllTextAsync(folder[path], path, Cancellation);
        }
        Directory.CreateSymbolicLink(folder["_repositories/apt/current"], "snapshot-1");
        // The steps between versions of ours move no files.
        await folder.RollbackToAsync(19);
        return folder;
    }

    /// <summary>What the tables name, and the directories that the original has.</summary>
    private static async Task<List<string>> OfOriginalAsync(DataFolder folder)
    {
        using var tables = SqliteDump.Open(folder["builder.sqlite3"]);
        using var archive = await DataFolder.UnpackAsync("web/datadir.tar.gz", "web");
        return
        [
            .. SqliteDump
                .Rows(tables, "SELECT console FROM build")
                .Concat(SqliteDump.Rows(tables, "SELECT script FROM build"))
                .Concat(
                    SqliteDump.Rows(
                        tables,
                        "SELECT DISTINCT '_artifacts/' || lower(substr(hex(sha256), 1, 2)) || '/' || lower(hex(sha256)) FROM build_artifact"
                    )
                )
                .Concat(EntriesOf(archive.Root).Where(path => path.StartsWith("_cache/", StringComparison.Ordinal)))
                .Append("builder.sqlite3")
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>Each folder's user has a salt of its own.</summary>
    private static List<string> WithoutUsers(DataFolder folder) =>
        [.. SqliteDump.OfFile(folder["builder.sqlite3"]).Where(line => !line.StartsWith("user|", StringComparison.Ordinal))];

    /// <summary>All files but the database's, locks, and uploads that were cut off.</summary>
    private static List<string> Kept(DataFolder folder) =>
        [.. folder.Files().Where(path => !path.StartsWith("_staging/", StringComparison.Ordinal))];

    /// <summary>All files and links, relative, sorted.</summary>
    private static List<string> EntriesOf(string root) =>
        [
            .. Directory
                .EnumerateFileSystemEntries(
                    root,
                    "*",
                    new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None }
                )
                .Where(path => !Directory.Exists(path) || new DirectoryInfo(path).LinkTarget is not null)
                .Select(path => Path.GetRelativePath(root, path))
                .Where(path => !path.StartsWith("_repositories/apt/current/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
        ];

    private static string JournalMode(DataFolder folder)
    {
        using var database = SqliteDump.Open(folder["builder.sqlite3"]);
        return SqliteDump.Rows(database, "PRAGMA journal_mode").Single();
    }

    private sealed class Reports : IProgress<string>
    {
        public List<string> Lines { get; } = [];

        public void Report(string value) => Lines.Add(value);
    }
}
