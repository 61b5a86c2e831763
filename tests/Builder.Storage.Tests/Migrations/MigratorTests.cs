using Builder.Protocol.Values;
using Builder.Storage.Maintenance;
using Builder.Storage.Migrations;
using Builder.Storage.Troubles;
using Builder.Testing;

namespace Builder.Storage.Tests.Migrations;

public sealed class MigratorTests
{
    [Fact]
    public async Task Schema_18_is_declared_letter_by_letter_as_the_original_does()
    {
        using var folder = DataFolder.Absent();

        await folder.MigrateAsync(target: 18);

        using var ours = SqliteDump.Open(folder["builder.sqlite3"]);
        using var theirs = SqliteDump.Open(Vectors.PathOf("db/empty-18.sqlite3"));
        const string declarations = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name";
        Assert.Equal(SqliteDump.Rows(theirs, declarations), SqliteDump.Rows(ours, declarations));
        Assert.Equal(1234839235, SqliteDump.Integer(ours, "PRAGMA application_id"));
        Assert.Equal(18, SqliteDump.Integer(ours, "PRAGMA user_version"));
    }

    [Theory]
    [InlineData("db/v15-after-rollback-2022-05-09.tar.gz", "db/v15-after-rollback-2022-05-09.migrated-to-18.dump.sql")]
    [InlineData("db/v17-after-rollback-2023-09-14.tar.gz", "db/v17-after-rollback-2023-09-14.migrated-to-18.dump.sql")]
    public async Task Directories_of_older_versions_become_what_the_original_makes_of_them(string archive, string dump)
    {
        using var folder = await DataFolder.UnpackAsync(archive);

        await folder.MigrateAsync(target: 18);

        Assert.Equal(SqliteDump.OfScript(Vectors.ReadText(dump)), SqliteDump.OfFile(folder["builder.sqlite3"]));
        using var reference = await DataFolder.UnpackAsync("db/v18-initial.tar.gz");
        Assert.Equal(reference.Files(), folder.Files());
    }

    [Fact]
    public async Task Up_to_ours_and_down_again_step_by_step_leaves_each_version_as_it_was()
    {
        using var folder = await DataFolder.UnpackAsync("db/v15-after-rollback-2022-05-09.tar.gz");
        var seen = new Dictionary<long, (IReadOnlyList<string> Tables, IReadOnlyList<string> Files)>();
        for (var version = 15; version <= Migrator.NewestVersion; version++)
        {
            await folder.MigrateAsync(target: version);
            seen[version] = (SqliteDump.OfFile(folder["builder.sqlite3"]), folder.Files());
        }

        for (var version = Migrator.NewestVersion - 1; version >= 15; version--)
        {
            await folder.RollbackAsync();
            Assert.Equal(seen[version].Tables, SqliteDump.OfFile(folder["builder.sqlite3"]));
            Assert.Equal(seen[version].Files, folder.Files());
        }
        await Assert.ThrowsAsync<SchemaException>(folder.RollbackAsync);
    }

    [Fact]
    public async Task Results_of_the_field_are_read_as_what_they_were()
    {
        using var folder = await DataFolder.UnpackAsync("db/v18-initial.tar.gz");
        using (var old = SqliteDump.Open(folder["builder.sqlite3"]))
        {
            // Killed by OCaml's SIGTERM (-11), stopped by 1 without a message.
            SqliteDump.Execute(
                old,
                "UPDATE build SET result_code = -11 * 256 WHERE id = 1; UPDATE build SET result_code = 65536 WHERE id = 2"
            );
        }

        await folder.MigrateAsync();

        using var connection = SqliteDump.Open(folder["builder.sqlite3"]);
        Assert.Equal(
            ["1|1|-11|", "2|2|1|", "3|0|0|", "4|0|1|", "5|0|0|", "6|1|9|", "7|3||timeout", "8|0|0|"],
            SqliteDump.Rows(connection, "SELECT id, result_kind, result_number, result_msg FROM build ORDER BY id")
        );
    }

    [Fact]
    public async Task Text_that_is_not_utf8_survives_up_and_down()
    {
        using var folder = await DataFolder.UnpackAsync("db/v18-initial.tar.gz");
        using (var old = SqliteDump.Open(folder["builder.sqlite3"]))
            SqliteDump.Execute(old, "UPDATE build_artifact SET filepath = CAST(X'62696E2FFF80' AS TEXT) WHERE id = 1");
        var before = SqliteDump.OfFile(folder["builder.sqlite3"]);

        await folder.MigrateAsync();

        await using (var database = await folder.OpenAsync())
        await using (var session = await database.OpenReadAsync(TestContext.Current.CancellationToken))
        {
            var path = await session.QueryFirstAsync(
                "SELECT filepath FROM build_artifact WHERE id = 1",
                static row => row.Bytes(0),
                TestContext.Current.CancellationToken
            );
            Assert.Equal("62696EFF80", Convert.ToHexString(path.Span).Replace("2F", "", StringComparison.Ordinal));
        }
        await folder.RollbackToAsync(18);
        Assert.Equal(before, SqliteDump.OfFile(folder["builder.sqlite3"]));
    }

    [Fact]
    public async Task Databases_of_others_and_of_other_versions_are_refused_with_what_mends_it()
    {
        using var folder = DataFolder.Absent();
        Assert.Contains(
            "builder db migrate",
            (await Assert.ThrowsAsync<SchemaException>(folder.OpenAsync)).Message,
            StringComparison.Ordinal
        );

        await folder.MigrateAsync(target: 18);
        Assert.Contains(
            "builder migrations migrate",
            (await Assert.ThrowsAsync<SchemaException>(folder.OpenAsync)).Message,
            StringComparison.Ordinal
        );

        Set("PRAGMA user_version = 1000");
        Assert.Contains("version 1000", (await Assert.ThrowsAsync<SchemaException>(folder.OpenAsync)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "version 1000",
            (await Assert.ThrowsAsync<SchemaException>(() => folder.MigrateAsync())).Message,
            StringComparison.Ordinal
        );

        Set("PRAGMA user_version = 14");
        Assert.Contains(
            "original",
            (await Assert.ThrowsAsync<SchemaException>(() => folder.MigrateAsync())).Message,
            StringComparison.Ordinal
        );

        Set("PRAGMA application_id = 1");
        Assert.Contains(
            "another program",
            (await Assert.ThrowsAsync<SchemaException>(() => folder.MigrateAsync())).Message,
            StringComparison.Ordinal
        );

        void Set(string pragma)
        {
            using var connection = SqliteDump.Open(folder["builder.sqlite3"]);
            SqliteDump.Execute(connection, pragma);
        }
    }

    [Theory]
    [InlineData(15)]
    [InlineData(17)]
    public async Task A_crash_anywhere_on_the_way_up_is_mended_by_doing_it_again(int version)
    {
        var archive = version == 15 ? "db/v15-after-rollback-2022-05-09.tar.gz" : "db/v17-after-rollback-2023-09-14.tar.gz";
        using var undisturbed = await DataFolder.UnpackAsync(archive);
        await undisturbed.MigrateAsync();
        var tables = SqliteDump.OfFile(undisturbed["builder.sqlite3"]);
        var files = undisturbed.Files();

        var steps = 0;
        for (var crashAt = 0; ; crashAt++)
        {
            using var folder = await DataFolder.UnpackAsync(archive);
            var crash = new CrashPoint(crashAt);
            try
            {
                await new Migrator(folder.Settings, new NoProgress(), crash.Files).MigrateAsync(TestContext.Current.CancellationToken);
                break;
            }
            catch (SimulatedCrashException)
            {
                steps++;
            }
            await folder.MigrateAsync();
            Assert.True(
                tables.SequenceEqual(SqliteDump.OfFile(folder["builder.sqlite3"])),
                $"tables differ after a crash before: {crash.Step}"
            );
            Assert.True(files.SequenceEqual(folder.Files()), $"files differ after a crash before: {crash.Step}");
        }
        Assert.True(steps > 30, $"only {steps} steps were tried");
    }

    [Fact]
    public async Task A_crash_anywhere_on_the_way_down_is_mended_by_doing_it_again()
    {
        using var reference = await DataFolder.UnpackAsync("db/v17-after-rollback-2023-09-14.tar.gz");
        var tables = SqliteDump.OfFile(reference["builder.sqlite3"]);
        var files = reference.Files();

        for (var crashAt = 0; ; crashAt++)
        {
            using var folder = await DataFolder.UnpackAsync("db/v18-initial.tar.gz");
            var crash = new CrashPoint(crashAt);
            try
            {
                await new Migrator(folder.Settings, new NoProgress(), crash.Files).RollbackAsync(TestContext.Current.CancellationToken);
                Assert.True(crashAt > 30, $"only {crashAt} steps were tried");
                break;
            }
            catch (SimulatedCrashException)
            {
                // The program ended here; the operator starts it again.
            }
            // Wherever it ended, the same command does the rest of this step and no other.
            await folder.RollbackAsync();
            Assert.True(files.SequenceEqual(folder.Files()), $"files differ after a crash before: {crash.Step}");
            Assert.Equal(tables, SqliteDump.OfFile(folder["builder.sqlite3"]));
        }
    }

    [Fact]
    public async Task Whoever_turns_round_after_a_crash_on_the_way_up_gets_the_old_directory_back()
    {
        using var undisturbed = await DataFolder.UnpackAsync("db/v17-after-rollback-2023-09-14.tar.gz");
        await undisturbed.RollbackAsync();
        var tables = SqliteDump.OfFile(undisturbed["builder.sqlite3"]);
        var files = undisturbed.Files();

        var steps = 0;
        for (var crashAt = 0; ; crashAt++)
        {
            using var folder = await DataFolder.UnpackAsync("db/v17-after-rollback-2023-09-14.tar.gz");
            var crash = new CrashPoint(crashAt);
            await Assert.ThrowsAsync<SimulatedCrashException>(() =>
                new Migrator(folder.Settings, new NoProgress(), crash.Files).MigrateAsync(TestContext.Current.CancellationToken)
            );
            if (await new Migrator(folder.Settings, new NoProgress()).CurrentVersionAsync(TestContext.Current.CancellationToken) != 17)
                break;
            steps++;
            await folder.RollbackAsync();
            Assert.True(files.SequenceEqual(folder.Files()), $"files differ after a crash before: {crash.Step}");
            Assert.Equal(tables, SqliteDump.OfFile(folder["builder.sqlite3"]));
        }
        Assert.True(steps > 20, $"only {steps} steps were tried");
    }

    [Fact]
    public async Task Whoever_turns_round_after_a_crash_on_the_way_down_gets_the_newest_without_leftovers()
    {
        using var undisturbed = await DataFolder.UnpackAsync("db/v18-initial.tar.gz");
        await undisturbed.MigrateAsync();
        var tables = SqliteDump.OfFile(undisturbed["builder.sqlite3"]);
        var files = undisturbed.Files();

        for (var crashAt = 0; ; crashAt++)
        {
            using var folder = await DataFolder.UnpackAsync("db/v18-initial.tar.gz");
            var crash = new CrashPoint(crashAt);
            try
            {
                await new Migrator(folder.Settings, new NoProgress(), crash.Files).RollbackAsync(TestContext.Current.CancellationToken);
                Assert.True(crashAt > 30, $"only {crashAt} steps were tried");
                break;
            }
            catch (SimulatedCrashException)
            {
                // The operator changes his mind here.
            }
            await folder.MigrateAsync();
            Assert.True(files.SequenceEqual(folder.Files()), $"files differ after a crash before: {crash.Step}");
            Assert.Equal(tables, SqliteDump.OfFile(folder["builder.sqlite3"]));
        }
    }

    [Fact]
    public async Task A_crash_anywhere_on_the_way_back_to_the_original_s_version_leaves_one_of_the_two_and_can_be_done_again()
    {
        using var undisturbed = await At19Async();
        var newest = SqliteDump.OfFile(undisturbed["builder.sqlite3"]);
        await undisturbed.RollbackAsync();
        var original = SqliteDump.OfFile(undisturbed["builder.sqlite3"]);
        var files = undisturbed.Files();

        var seen = new HashSet<long?>();
        for (var crashAt = 0; ; crashAt++)
        {
            using var folder = await At19Async();
            var crash = new CrashPoint(crashAt);
            try
            {
                await new Migrator(folder.Settings, new NoProgress(), crash.Files).RollbackAsync(TestContext.Current.CancellationToken);
                Assert.True(crashAt > 10, $"only {crashAt} steps were tried");
                break;
            }
            catch (SimulatedCrashException)
            {
                // The program ended here.
            }
            var version = await new Migrator(folder.Settings, new NoProgress()).CurrentVersionAsync(TestContext.Current.CancellationToken);
            seen.Add(version);
            if (version == 19)
            {
                // Nothing has happened: the site could go on, and so can the operator.
                Assert.True(
                    newest.SequenceEqual(SqliteDump.OfFile(folder["builder.sqlite3"])),
                    $"tables differ after a crash at {crashAt}, before: {crash.Step}"
                );
                await folder.RollbackAsync();
            }
            else if (await new Migrator(folder.Settings, new NoProgress()).IsRollbackUnfinishedAsync(TestContext.Current.CancellationToken))
            {
                // Tables of the original, but not yet its files.
                await folder.RollbackAsync();
            }
            Assert.True(
                original.SequenceEqual(SqliteDump.OfFile(folder["builder.sqlite3"])),
                $"tables differ after a crash at {crashAt}, before: {crash.Step}"
            );
            Assert.True(files.SequenceEqual(folder.Files()), $"files differ after a crash at {crashAt}, before: {crash.Step}");
        }
        Assert.Equal([18L, 19L], seen.Order());
    }

    /// <summary>The populated directory of the field, with what only our version knows: a removed build, bytes that are no text, a result beyond 8 bits.</summary>
    private static async Task<DataFolder> At19Async()
    {
        var folder = await DataFolder.UnpackAsync("web/datadir.tar.gz", "web");
        await folder.MigrateAsync();
        var storage = await BuilderStorage.OpenAsync(folder.Settings, TimeProvider.System, TestContext.Current.CancellationToken);
        var removal = new BuildRemoval(
            storage,
            new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero))
        );
        var builds = await removal.SelectAsync(new RemovalSelection.Everything(), TestContext.Current.CancellationToken);
        await removal.RemoveAsync([builds[0]], progress: null, TestContext.Current.CancellationToken);
        await storage.Database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync(
                    "UPDATE build SET result_kind = 1, result_number = 300, result_msg = NULL WHERE id = 2",
                    TestContext.Current.CancellationToken
                );
                await session.ExecuteAsync(
                    "UPDATE build SET platform = @platform WHERE id = 3",
                    TestContext.Current.CancellationToken,
                    ("@platform", new ByteString(new byte[] { 0x64, 0xff }))
                );
            },
            TestContext.Current.CancellationToken
        );
        await storage.DisposeAsync();
        while (await new Migrator(folder.Settings, new NoProgress()).CurrentVersionAsync(TestContext.Current.CancellationToken) > 19)
            await folder.RollbackAsync();
        return folder;
    }
}
