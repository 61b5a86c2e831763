using System.Diagnostics;
using Builder.Protocol.Values;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;
using Builder.Storage.Maintenance;
using Builder.Storage.Sweeping;
using Builder.Storage.Tests.Ingestion;
using Builder.Testing;

namespace Builder.Storage.Tests.Packing;

public abstract class ContentPackerTests(DatabaseEngine engine)
{
    public sealed class OnSqlite() : ContentPackerTests(DatabaseEngine.Sqlite);

    public sealed class OnPostgreSql() : ContentPackerTests(DatabaseEngine.PostgreSql);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Each change before which a process ends costs a database and half a second.</summary>
    private int Step =>
        Environment.GetEnvironmentVariable("BUILDER_LONG_TESTS") == "1" ? 1
        : engine == DatabaseEngine.Sqlite ? 3
        : 11;

    [Fact]
    public async Task Daily_builds_become_patches_in_chains_of_four_and_the_newest_stays_as_it_is()
    {
        await using var fixture = await StorageFixture.CreateAsync(engine);
        await fixture.UploadDaysAsync(12);
        var before = fixture.StoredBytes();

        var report = await fixture.PackAsync();

        // Day 0 and every fifth after it are random bytes: nothing but a patch makes them smaller.
        Assert.Equal((8, 0), (report.Deltas, report.Alone));
        for (var day = 0; day < 11; day++)
            Assert.Equal(day % 5 == 0, fixture.IsStored(PackedSamples.Digest(day)));
        Assert.True(fixture.IsStored(PackedSamples.Digest(11)));
        Assert.Equal(4, (await fixture.PackedAsync()).Max(content => content.Depth));
        Assert.InRange(fixture.StoredBytes(), 1, before / 2);
        await fixture.RequireDaysAsync(12);
        Assert.Empty(await fixture.VerifyAsync());
        Assert.Equal(0, (await fixture.PackAsync()).Done);

        var totals = await fixture.Storage.Packer.TotalsAsync(Cancellation);
        Assert.Equal(8, totals.Deltas);
        Assert.InRange(totals.Saved, 7 * PackedSamples.Size, 8 * PackedSamples.Size);
    }

    [Fact]
    public async Task A_dry_run_says_the_same_and_stores_nothing()
    {
        await using var fixture = await StorageFixture.CreateAsync(engine);
        await fixture.UploadDaysAsync(7);
        var files = fixture.Folder.Files();

        var wouldBe = await fixture.PackAsync(isDryRun: true);

        Assert.Equal(files, fixture.Folder.Files());
        Assert.Empty(await fixture.PackedAsync());
        Assert.Equal(wouldBe, await fixture.PackAsync());
    }

    [Fact]
    public async Task Stock_zstd_reads_what_is_stored()
    {
        await using var fixture = await StorageFixture.CreateAsync(engine);
        await fixture.UploadDaysAsync(3);
        await fixture.PackAsync();
        var patch = await fixture.PackedAsync(PackedSamples.Digest(1));
        using var folder = new TemporaryDirectory();

        using var zstd = Process.Start(
            "zstd",
            [
                "-d",
                "--long=31",
                "-q",
                $"--patch-from={fixture.Storage.Directory.OfArtifact(PackedSamples.Digest(0))}",
                fixture.Storage.Directory.OfArtifact(patch.Object!.Value),
                "-o",
                folder["new"],
            ]
        );
        await zstd.WaitForExitAsync(Cancellation);

        Assert.Equal(0, zstd.ExitCode);
        Assert.Equal(PackedSamples.Content(1), await File.ReadAllBytesAsync(folder["new"], Cancellation));
    }

    [Fact]
    public async Task What_only_compresses_is_stored_as_one_frame_and_what_is_small_stays()
    {
        await using var fixture = await StorageFixture.CreateAsync(engine);
        var text = string.Concat(Enumerable.Range(0, 20_000).Select(number => $"line {number}\n"));
        await fixture.UploadAsync(SampleExec.Whole(binary: text));
        await fixture.UploadAsync(SampleExec.Whole(binary: "another"));

        var report = await fixture.PackAsync();

        Assert.Equal((0, 1), (report.Deltas, report.Alone));
        Assert.Equal(
            text,
            System.Text.Encoding.UTF8.GetString(
                await fixture.ReadAsync(Analysis.Values.Sha256Digest.Of(System.Text.Encoding.UTF8.GetBytes(text)))
            )
        );
        Assert.Empty(await fixture.VerifyAsync());
    }

    [Fact]
    public async Task A_range_and_an_exec_of_packed_contents_are_what_was_uploaded()
    {
        await using var fixture = await StorageFixture.CreateAsync(engine);
        var uuid = BuildUuid.NewRandom();
        var exec = PackedSamples.Exec(2, uuid: uuid);
        await fixture.UploadDaysAsync(2);
        await fixture.UploadAsync(exec);
        await fixture.UploadAsync(PackedSamples.Exec(3));
        await fixture.PackAsync();

        await using (var content = await fixture.Storage.Artifacts.OpenAsync(PackedSamples.Digest(2), Cancellation))
        {
            content!.Stream.Seek(150_000, SeekOrigin.Begin);
            var range = new byte[10_000];
            await content.Stream.ReadExactlyAsync(range, Cancellation);
            Assert.Equal(PackedSamples.Content(2)[150_000..160_000], range);
        }
        var execs = new Builder.Storage.Ingestion.BuildExec(
            fixture.Storage.Database,
            fixture.Storage.BuildFiles,
            fixture.Storage.Artifacts
        );
        using var written = new MemoryStream();
        await execs.WriteAsync((await execs.FindAsync(uuid, Cancellation))!, written, Cancellation);
        Assert.Equal(exec, written.ToArray());
    }

    [Fact]
    public async Task A_base_stays_while_patches_need_it_and_goes_with_the_last()
    {
        await using var fixture = await StorageFixture.CreateAsync(engine);
        await fixture.UploadDaysAsync(6);
        await fixture.PackAsync();
        var removal = new BuildRemoval(fixture.Storage, TimeProvider.System);

        // Days 0 to 2 go; day 3 and 4 are patches that lead back to day 0.
        var builds = await removal.SelectAsync(new RemovalSelection.ExceptLatest(3), Cancellation);
        await removal.RemoveAsync(builds, null, Cancellation);

        Assert.Equal(3, builds.Count);
        Assert.True(fixture.IsStored(PackedSamples.Digest(0)));
        for (var day = 3; day < 6; day++)
            Assert.Equal(PackedSamples.Content(day), await fixture.ReadAsync(PackedSamples.Digest(day)));
        Assert.Empty(await fixture.VerifyAsync());

        await removal.RemoveAsync(await removal.SelectAsync(new RemovalSelection.ExceptLatest(1), Cancellation), null, Cancellation);

        Assert.False(fixture.IsStored(PackedSamples.Digest(0)));
        Assert.Empty(await fixture.PackedAsync());
        // The newest binary, and the small file that all builds share.
        Assert.Equal(2, Directory.GetFiles(fixture.Storage.Directory.Artifacts, "*", SearchOption.AllDirectories).Length);
        Assert.Empty(await fixture.VerifyAsync());
        Assert.Equal(0, await fixture.CountAsync("pending_removal"));
    }

    [Fact]
    public async Task Damage_in_a_base_is_found_by_the_check_of_all_contents_and_named_for_all_that_are_made_from_it()
    {
        await using var fixture = await StorageFixture.CreateAsync(engine);
        await fixture.UploadDaysAsync(6);
        await fixture.PackAsync();
        await using (var file = File.OpenWrite(fixture.Storage.Directory.OfArtifact(PackedSamples.Digest(0))))
            file.WriteByte((byte)(PackedSamples.Content(0)[0] ^ 1));
        await using var restarted = await StorageFixture.OpenAsync(fixture.Folder, keepsFolder: true);

        await restarted.Storage.Scrub.RunAsync(long.MaxValue, Cancellation);

        Assert.Equal(
            Enumerable.Range(0, 5).Select(day => PackedSamples.Digest(day)).Order(),
            restarted.Storage.Damaged.All.Select(content => content.Digest).Order()
        );
        var findings = await restarted.VerifyAsync();
        for (var day = 0; day < 5; day++)
            Assert.Contains(findings, finding => finding.Path.EndsWith(PackedSamples.Digest(day).ToString(), StringComparison.Ordinal));
        await Assert.ThrowsAsync<DamagedContentException>(() => restarted.ReadAsync(PackedSamples.Digest(3)));

        // The same content comes again: everything is right again.
        await restarted.UploadAsync(PackedSamples.Exec(0));
        await restarted.RequireDaysAsync(6);
        await restarted.Storage.Scrub.RunAsync(long.MaxValue, Cancellation);
        Assert.Empty(restarted.Storage.Damaged.All);
        Assert.Empty(await restarted.VerifyAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_packed_form_that_is_damaged_or_missing_gives_an_error_and_another_upload_of_the_content_fixes_it(bool isMissing)
    {
        await using var fixture = await StorageFixture.CreateAsync(engine);
        await fixture.UploadDaysAsync(4);
        await fixture.PackAsync();
        var packed = fixture.Storage.Directory.OfArtifact((await fixture.PackedAsync(PackedSamples.Digest(1))).Object!.Value);
        if (isMissing)
        {
            File.Delete(packed);
        }
        else
        {
            var bytes = await File.ReadAllBytesAsync(packed, Cancellation);
            bytes[^10] ^= 1;
            await File.WriteAllBytesAsync(packed, bytes, Cancellation);
        }
        await using var restarted = await StorageFixture.OpenAsync(fixture.Folder, keepsFolder: true);

        foreach (var day in new[] { 1, 2 })
        {
            var error = await Assert.ThrowsAsync<DamagedContentException>(() => restarted.ReadAsync(PackedSamples.Digest(day)));
            Assert.Equal(PackedSamples.Digest(day), error.Digest);
        }
        Assert.NotEmpty(await restarted.VerifyAsync());

        await restarted.UploadAsync(PackedSamples.Exec(1));
        await restarted.RequireDaysAsync(4);
        await restarted.VerifyAsync(repair: true);
        Assert.Empty(await restarted.VerifyAsync());
        await restarted.PackAsync();
        await restarted.RequireDaysAsync(4);
    }

    [Fact]
    public async Task An_old_content_that_the_newest_build_has_again_is_stored_as_it_is_again()
    {
        await using var fixture = await StorageFixture.CreateAsync(engine);
        await fixture.UploadDaysAsync(4);
        await fixture.PackAsync();
        Assert.False(fixture.IsStored(PackedSamples.Digest(1)));
        var again = PackedSamples.Exec(9);
        await fixture.UploadAsync(again);
        await using (var session = await fixture.Storage.Database.OpenReadAsync(Cancellation))
            Assert.True(
                await session.AnyAsync("SELECT 1 FROM build_artifact WHERE sha256 = @d", Cancellation, ("@d", PackedSamples.Digest(9)))
            );
        await fixture.UploadAsync(PackedSamples.Exec(1, job: "hello", platform: "debian-13"));

        await fixture.PackAsync();

        Assert.True(fixture.IsStored(PackedSamples.Digest(1)));
        await fixture.RequireDaysAsync(4);
        Assert.Empty(await fixture.VerifyAsync());
    }

    [Fact]
    public async Task Unpacking_stores_everything_as_it_was()
    {
        await using var fixture = await StorageFixture.CreateAsync(engine);
        await fixture.UploadDaysAsync(7);
        var before = Directory.GetFiles(fixture.Storage.Directory.Artifacts, "*", SearchOption.AllDirectories).Order().ToList();
        await fixture.PackAsync();

        Assert.Equal(4, await fixture.Storage.Packer.UnpackAsync(null, Cancellation));

        Assert.Equal(before, Directory.GetFiles(fixture.Storage.Directory.Artifacts, "*", SearchOption.AllDirectories).Order());
        Assert.Equal(0, await fixture.CountAsync("packed_content"));
        await fixture.RequireDaysAsync(7);
        Assert.Empty(await fixture.VerifyAsync());
        Assert.Equal(0, await fixture.Storage.Packer.UnpackAsync(null, Cancellation));
    }

    [Fact]
    public async Task While_a_backup_copies_nothing_that_it_needs_is_removed()
    {
        await using var fixture = await StorageFixture.CreateAsync(engine);
        await fixture.UploadDaysAsync(4);
        using (BackupLock.TryTake(fixture.Storage.Directory, isBackup: true))
            await fixture.PackAsync();

        for (var day = 0; day < 4; day++)
            Assert.True(fixture.IsStored(PackedSamples.Digest(day)));
        await fixture.PackAsync();
        Assert.False(fixture.IsStored(PackedSamples.Digest(1)));
        await fixture.RequireDaysAsync(4);
    }

    [Fact]
    public async Task A_backup_has_packed_contents_packed_and_can_be_served()
    {
        await using var fixture = await StorageFixture.CreateAsync(engine);
        await fixture.UploadDaysAsync(7);
        using var target = new TemporaryDirectory();
        // One from before, with everything whole; bases whose builds are gone, too.
        await new Backup(fixture.Storage, target["backup"], new NoProgress()).RunAsync(Cancellation);
        await fixture.PackAsync();
        var removal = new BuildRemoval(fixture.Storage, TimeProvider.System);
        await removal.RemoveAsync(await removal.SelectAsync(new RemovalSelection.ExceptLatest(5), Cancellation), null, Cancellation);

        Assert.Empty((await new Backup(fixture.Storage, target["backup"], new NoProgress()).RunAsync(Cancellation)).Damaged);

        await using var copy = await BuilderStorage.OpenAsync(new DatabaseSettings(target["backup"]), TimeProvider.System, Cancellation);
        for (var day = 2; day < 7; day++)
        {
            await using var content = await copy.Artifacts.OpenAsync(PackedSamples.Digest(day), Cancellation);
            var bytes = new byte[content!.Length];
            await content.Stream.ReadExactlyAsync(bytes, Cancellation);
            Assert.Equal(PackedSamples.Content(day), bytes);
        }
        Assert.False(File.Exists(copy.Directory.OfArtifact(PackedSamples.Digest(3))));
        var findings = new List<Finding>();
        await foreach (var finding in new DataDirectoryVerifier(copy, repair: false, progress: null).VerifyAsync(Cancellation))
            findings.Add(finding);
        Assert.Empty(findings);
    }

    [Fact]
    public async Task A_packed_artifact_is_a_file_for_a_program_that_takes_a_path_until_it_is_done()
    {
        await using var fixture = await StorageFixture.CreateAsync(engine);
        await fixture.UploadDaysAsync(4);
        await fixture.PackAsync();
        string path;

        using (var file = await fixture.Storage.LocalArtifacts.AcquireAsync(PackedSamples.Digest(2), Cancellation))
        {
            path = file.Path;
            Assert.Equal(PackedSamples.Digest(2).ToString(), Path.GetFileName(path));
            Assert.Equal(PackedSamples.Content(2), await File.ReadAllBytesAsync(path, Cancellation));
        }
        Assert.False(File.Exists(path));
        using (var whole = await fixture.Storage.LocalArtifacts.AcquireAsync(PackedSamples.Digest(3), Cancellation))
            Assert.Equal(fixture.Storage.Directory.OfArtifact(PackedSamples.Digest(3)), whole.Path);
    }

    [Fact]
    public async Task Two_packers_at_once_and_readers_do_one_another_no_harm()
    {
        await using var fixture = await StorageFixture.CreateAsync(engine);
        await fixture.UploadDaysAsync(10);
        await using var other = await StorageFixture.OpenAsync(fixture.Folder, keepsFolder: true);
        // Without the lock, as on two machines.
        var packers = new[] { fixture, other }.Select(one =>
            Task.Run(() => one.CrashingPacker(new CrashPoint(int.MaxValue)).PackAsync(isDryRun: false, null, Cancellation))
        );
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(() => other.RequireDaysAsync(10)));

        await Task.WhenAll([.. packers, .. readers]);

        await fixture.RequireDaysAsync(10);
        await fixture.PackAsync();
        await fixture.RequireDaysAsync(10);
        Assert.Empty(await fixture.VerifyAsync());
        Assert.Equal(0, await fixture.CountAsync("pending_removal"));
    }

    [Fact]
    public async Task Contents_are_the_same_whatever_change_is_the_last_before_the_process_is_killed()
    {
        // The changes are the same on PostgreSQL.
        for (var crashAt = 0; ; crashAt += Step)
        {
            await using var before = await StorageFixture.CreateAsync(engine);
            await before.UploadDaysAsync(4);
            var crash = new CrashPoint(crashAt);
            try
            {
                await before.CrashingPacker(crash).PackAsync(isDryRun: false, null, Cancellation);
                Assert.True(crashAt > 20, $"only {crashAt} steps");
                return;
            }
            catch (SimulatedCrashException)
            {
                await using var after = await before.RestartAsync();
                await after.RequireDaysAsync(4);
                // A packed form whose row was not written any more is removed at the start.
                Assert.Empty(await after.VerifyAsync());
                await after.PackAsync();
                await after.RequireDaysAsync(4);
                Assert.Empty(await after.VerifyAsync());
                Assert.False(after.IsStored(PackedSamples.Digest(2)));
                Assert.Empty(Directory.EnumerateFileSystemEntries(after.Folder["_staging"]));
            }
        }
    }

    [Fact]
    public async Task Unpacking_that_is_killed_at_any_change_goes_on()
    {
        for (var crashAt = 0; ; crashAt += Step)
        {
            await using var before = await StorageFixture.CreateAsync(engine);
            await before.UploadDaysAsync(4);
            await before.PackAsync();
            var crash = new CrashPoint(crashAt);
            try
            {
                await before.CrashingPacker(crash).UnpackAsync(null, Cancellation);
                Assert.True(crashAt > 10, $"only {crashAt} steps");
                return;
            }
            catch (SimulatedCrashException)
            {
                await using var after = await before.RestartAsync();
                await after.RequireDaysAsync(4);
                await after.Storage.Packer.UnpackAsync(null, Cancellation);
                await after.RequireDaysAsync(4);
                Assert.Equal(0, await after.CountAsync("packed_content"));
                Assert.Empty(await after.VerifyAsync());
            }
        }
    }
}
