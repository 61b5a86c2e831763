using System.Text;
using Builder.Analysis.Values;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Ingestion;
using Builder.Storage.Maintenance;
using Builder.Storage.Sweeping;
using Builder.Storage.Tests.Ingestion;

namespace Builder.Storage.Tests.Maintenance;

public abstract class BuildRemovalTests(DatabaseEngine engine, bool objects = false)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public sealed class OnSqlite() : BuildRemovalTests(DatabaseEngine.Sqlite);

    public sealed class OnPostgreSql() : BuildRemovalTests(DatabaseEngine.PostgreSql);

    public sealed class OnPostgreSqlAndS3() : BuildRemovalTests(DatabaseEngine.PostgreSql, objects: true);

    [Fact]
    public async Task Older_than_takes_what_started_before_the_moment()
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects);
        await UploadDaysAsync(storage, "hello", "debian-12", "ssss");

        Assert.Equal([1, 2], await SelectDaysAsync(storage, new RemovalSelection.OlderThan(Day(3))));
        Assert.Empty(await SelectDaysAsync(storage, new RemovalSelection.OlderThan(Day(1))));
    }

    [Fact]
    public async Task Except_latest_keeps_the_newest_of_each_job_and_platform()
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects);
        await UploadDaysAsync(storage, "hello", "debian-12", "sfs");
        await UploadDaysAsync(storage, "hello", "freebsd-14", "ss");
        await UploadDaysAsync(storage, "other", "debian-12", "s");

        var selected = await new BuildRemoval(storage.Storage, TimeProvider.System).SelectAsync(
            new RemovalSelection.ExceptLatest(1),
            Cancellation
        );

        Assert.Equal(
            ["hello debian-12 1 True", "hello debian-12 2 False", "hello freebsd-14 1 True"],
            selected.Select(build => $"{build.Job} {build.Platform} {build.Started.Days - Day(0).Days} {build.IsSuccessful}")
        );
    }

    [Fact]
    public async Task A_start_in_the_future_keeps_no_place_among_the_latest()
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects);
        await UploadDaysAsync(storage, "hello", "debian-12", "sss");
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Day(2).ToDateTimeOffset().AddHours(12));

        var selected = await new BuildRemoval(storage.Storage, clock).SelectAsync(new RemovalSelection.ExceptLatest(1), Cancellation);

        Assert.Equal([1, 3], selected.Select(build => build.Started.Days - Day(0).Days));
    }

    [Fact]
    public async Task Counts_go_by_job_alone_where_the_original_program_counts()
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects);
        await UploadDaysAsync(storage, "hello", "debian-12", "ss");
        await UploadDaysAsync(storage, "hello", "freebsd-14", "sss");
        await UploadDaysAsync(storage, "other", "debian-12", "s");
        var latest = new RemovalSelection.ExceptLatest(2) { CountsAsOriginal = true };
        var successful = new RemovalSelection.ExceptLatestSuccessful(2) { CountsAsOriginal = true };

        // The newest of hello: freebsd-14 on day 3, then freebsd-14 on day 2, which came in after debian-12 of that day.
        string[] older = ["debian-12 1", "debian-12 2", "freebsd-14 1"];
        Assert.Equal(older, await SelectAsync(storage, latest));
        Assert.Equal(older, await SelectAsync(storage, successful with { Count = 1 }));
        Assert.Empty(await SelectAsync(storage, latest with { Platform = Platform.Parse("debian-12") }));
        Assert.Equal(["freebsd-14 1"], await SelectAsync(storage, latest with { Platform = Platform.Parse("freebsd-14") }));
    }

    /// <param name="builds">Day by day, successful or failed.</param>
    [Theory]
    [InlineData("sfsfs", 1, new[] { 1, 2, 3, 4 })]
    [InlineData("sfsff", 1, new[] { 1, 2 })]
    [InlineData("sfsfs", 2, new[] { 1, 2 })]
    [InlineData("sfsfs", 3, new int[0])]
    [InlineData("ffff", 1, new int[0])]
    public async Task Except_latest_successful_keeps_that_many_successes_and_all_that_is_newer(string builds, int count, int[] removed)
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects);
        await UploadDaysAsync(storage, "hello", "debian-12", builds);

        Assert.Equal(removed, await SelectDaysAsync(storage, new RemovalSelection.ExceptLatestSuccessful(count)));
    }

    /// <param name="builds">Day by day, successful or failed.</param>
    [Theory]
    [InlineData("sfsfs", 1, new[] { 1, 2 })]
    [InlineData("sfsfs", 2, new int[0])]
    [InlineData("fsfsff", 1, new[] { 1 })]
    [InlineData("ffs", 1, new int[0])]
    public async Task Except_latest_successful_keeps_one_success_more_where_the_original_program_counts(
        string builds,
        int count,
        int[] removed
    )
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects);
        await UploadDaysAsync(storage, "hello", "debian-12", builds);

        Assert.Equal(
            removed,
            await SelectDaysAsync(storage, new RemovalSelection.ExceptLatestSuccessful(count) { CountsAsOriginal = true })
        );
    }

    [Fact]
    public async Task A_selection_stays_within_its_jobs_and_platform()
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects);
        await UploadDaysAsync(storage, "hello", "debian-12", "s");
        await UploadDaysAsync(storage, "hello", "freebsd-14", "s");
        await UploadDaysAsync(storage, "other", "debian-12", "s");

        var selected = await new BuildRemoval(storage.Storage, TimeProvider.System).SelectAsync(
            new RemovalSelection.OlderThan(Day(100)) { Jobs = [JobName.Parse("hello")], Platform = Platform.Parse("freebsd-14") },
            Cancellation
        );

        Assert.Equal(["hello freebsd-14"], selected.Select(build => $"{build.Job} {build.Platform}"));
    }

    [Fact]
    public async Task Artifacts_that_another_build_has_stay_and_what_a_build_was_is_kept()
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects);
        var (removed, kept) = (BuildUuid.NewRandom(), BuildUuid.NewRandom());
        await storage.UploadAsync(SampleExec.Whole(removed, binary: "only here"));
        await storage.UploadAsync(SampleExec.Whole(kept, binary: "another", job: "other"));
        var removal = new BuildRemoval(storage.Storage, TimeProvider.System);
        var builds = await removal.SelectAsync(new RemovalSelection.Everything { Jobs = [JobName.Parse("hello")] }, Cancellation);
        Assert.Equal(9, await removal.FreedBytesAsync(builds, Cancellation));

        await removal.RemoveAsync(builds, null, Cancellation);

        Assert.False(await storage.Storage.Artifacts.ExistsAsync(Sha256Digest.Of("only here"u8), Cancellation));
        Assert.True(await storage.Storage.Artifacts.ExistsAsync(Sha256Digest.Of("another"u8), Cancellation));
        Assert.DoesNotContain(storage.Folder.Files(), path => path.StartsWith("hello/", StringComparison.Ordinal));
        Assert.Empty(await storage.VerifyAsync());
        Assert.Equal(0, await storage.CountAsync("pending_removal"));
        Assert.Equal(
            [$"{removed} hello debian-12 {new ExecutionResult.Exited(0)} bin/hello"],
            await storage.RowsAsync(
                "SELECT uuid, job, platform, result_kind, result_number, result_msg, main_binary FROM removed_build",
                static row => $"{row.Text(0)} {row.Text(1)} {row.Text(2)} {row.Result(3)} {row.Text(6)}"
            )
        );
        Assert.Equal(
            ["bin/hello 9 " + Sha256Digest.Of("only here"u8)],
            await storage.RowsAsync(
                "SELECT filepath, size, sha256 FROM removed_artifact ORDER BY filepath LIMIT 1",
                static row => $"{row.Text(0)} {row.Integer(1)} {row.Digest(2)}"
            )
        );
    }

    [Fact]
    public async Task A_removed_build_that_is_uploaded_again_is_removed_no_more()
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects);
        var exec = SampleExec.Whole();
        await storage.UploadAsync(exec);
        var removal = new BuildRemoval(storage.Storage, TimeProvider.System);
        await removal.RemoveAsync(await removal.SelectAsync(new RemovalSelection.Everything(), Cancellation), null, Cancellation);

        Assert.IsType<UploadResult.Stored>(await storage.UploadAsync(exec));

        Assert.Equal(0, await storage.CountAsync("removed_build"));
        Assert.Equal(0, await storage.CountAsync("removed_artifact"));
        Assert.Empty(await storage.VerifyAsync());
    }

    [Fact]
    public async Task A_build_that_another_removed_and_that_came_back_since_keeps_its_files()
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects);
        var exec = SampleExec.Whole();
        await storage.UploadAsync(exec);
        var removal = new BuildRemoval(storage.Storage, TimeProvider.System);
        var selected = await removal.SelectAsync(new RemovalSelection.Everything(), Cancellation);
        await new BuildRemoval(storage.Storage, TimeProvider.System).RemoveAsync(selected, null, Cancellation);
        Assert.IsType<UploadResult.Stored>(await storage.UploadAsync(exec));

        await removal.RemoveAsync(selected, null, Cancellation);

        Assert.Equal(1, await storage.CountAsync("build"));
        Assert.Empty(await storage.VerifyAsync());
    }

    [Fact]
    public async Task A_job_goes_with_its_builds_tags_and_accesses()
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects);
        await storage.UploadAsync(SampleExec.Whole());
        await new Storage.Accounts.UserAdministration(storage.Storage.Database).AddAccessAsync(
            "admin",
            JobName.Parse("hello"),
            Cancellation
        );
        var removal = new BuildRemoval(storage.Storage, TimeProvider.System);

        Assert.True(await removal.RemoveJobAsync(JobName.Parse("hello"), Cancellation));
        Assert.False(await removal.RemoveJobAsync(JobName.Parse("hello"), Cancellation));

        foreach (var table in new[] { "job", "build", "build_artifact", "job_tag", "access_list", "pending_removal" })
            Assert.Equal(0, await storage.CountAsync(table));
        Assert.Equal(1, await storage.CountAsync("removed_build"));
        Assert.Empty(storage.Folder.Files());
    }

    [Fact]
    public async Task Files_of_a_removal_that_was_cut_off_go_at_the_next_start()
    {
        await using var before = await StorageFixture.CreateAsync(engine, objects);
        await before.UploadAsync(SampleExec.Whole());
        var removal = new BuildRemoval(before.Storage, TimeProvider.System);
        var builds = await removal.SelectAsync(new RemovalSelection.Everything(), Cancellation);
        using (BackupLock.TryTake(before.Storage.Directory, isBackup: true))
        {
            // While a backup runs, files stay.
            await removal.RemoveAsync(builds, null, Cancellation);
            Assert.Contains(before.Folder.Files(), path => path.StartsWith("_artifacts", StringComparison.Ordinal));
            Assert.Empty(await before.VerifyAsync());
        }

        var after = await before.RestartAsync();

        await using var storage = after.Storage;
        Assert.DoesNotContain(after.Folder.Files(), path => path.StartsWith("_artifacts", StringComparison.Ordinal));
        Assert.Empty(await after.VerifyAsync());
    }

    [Fact]
    public async Task Uploads_and_removals_at_once_leave_tables_and_files_in_agreement()
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects);
        var removal = new BuildRemoval(storage.Storage, TimeProvider.System);
        var uploads = Enumerable
            .Range(0, 24)
            .Select(i => Task.Run(() => storage.UploadAsync(SampleExec.Whole(binary: $"binary {i % 3}"))))
            .ToList();
        while (!uploads.TrueForAll(upload => upload.IsCompleted))
            await removal.RemoveAsync(await removal.SelectAsync(new RemovalSelection.ExceptLatest(1), Cancellation), null, Cancellation);
        await Task.WhenAll(uploads);

        Assert.Empty(await storage.VerifyAsync());
        Assert.Equal(24, await storage.CountAsync("build") + await storage.CountAsync("removed_build"));
    }

    private static Timestamp Day(int day) => Timestamp.FromDays(20_000 + day, 0);

    private static async Task UploadDaysAsync(StorageFixture storage, string job, string platform, string builds)
    {
        var template = ExecCodec.Decode(SampleExec.Encode(job, platform: platform));
        for (var i = 0; i < builds.Length; i++)
        {
            Artifact[] output = builds[i] == 's' ? [new Artifact(ArtifactPath.Parse("bin/x"), Encoding.UTF8.GetBytes($"{job} {i}"))] : [];
            var exec = template with { Uuid = BuildUuid.NewRandom(), Started = Day(i + 1), Finished = Day(i + 1), Output = output };
            Assert.IsType<UploadResult.Stored>(await storage.UploadAsync(ExecCodec.Encode(exec)));
        }
    }

    private static async Task<IEnumerable<string>> SelectAsync(StorageFixture storage, RemovalSelection selection) =>
        (await new BuildRemoval(storage.Storage, TimeProvider.System).SelectAsync(selection, Cancellation)).Select(build =>
            $"{build.Platform} {build.Started.Days - Day(0).Days}"
        );

    private static async Task<IEnumerable<int>> SelectDaysAsync(StorageFixture storage, RemovalSelection selection) =>
        (await new BuildRemoval(storage.Storage, TimeProvider.System).SelectAsync(selection, Cancellation)).Select(build =>
            (int)(build.Started.Days - Day(0).Days)
        );
}
