using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Buckets;
using Builder.Storage.Database;
using Builder.Storage.Ingestion;
using Builder.Storage.Maintenance;
using Builder.Storage.Tests.Ingestion;

namespace Builder.Storage.Tests.Maintenance;

/// <summary>Moving an installation from its data directory to a bucket and back.</summary>
public sealed class FilesCopyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task There_and_back_every_build_is_the_same_and_nothing_is_wrong()
    {
        await using var storage = await StorageFixture.CreateAsync();
        var execs = new List<(UploadResult.Stored Build, byte[] Exec)>();
        for (var number = 0; number < 8; number++)
        {
            var exec = SampleExec.Whole(binary: $"binary {number % 3}{new string('x', number * 300_000)}");
            execs.Add((Assert.IsType<UploadResult.Stored>(await storage.UploadAsync(exec)), exec));
        }
        var here = storage.Folder.Settings;
        var there = here with { Objects = await Engines.NewBucketAsync() };

        // Cut off after a few objects: what is there is whole.
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var counting = new CancelAfter(cut);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            CopyAsync(storage.Storage.Database, here, there, counting, cut.Token)
        );
        var rest = await CopyAsync(storage.Storage.Database, here, there, new NoProgress(), Cancellation);
        Assert.Empty(rest.Damaged);
        Assert.Equal(0, (await CopyAsync(storage.Storage.Database, here, there, new NoProgress(), Cancellation)).Files);
        await storage.Storage.DisposeAsync();
        foreach (var entry in Directory.EnumerateDirectories(storage.Folder.Root))
            Directory.Delete(entry, recursive: true);

        await using (var inBucket = await BuilderStorage.OpenAsync(there, TimeProvider.System, Cancellation))
        {
            await RequireSameAsync(inBucket, execs);
            var back = await CopyAsync(inBucket.Database, there, here, new NoProgress(), Cancellation);
            Assert.Empty(back.Damaged);
        }
        await using var again = await BuilderStorage.OpenAsync(here, TimeProvider.System, Cancellation);
        await RequireSameAsync(again, execs);
    }

    [Fact]
    public async Task What_is_missing_or_damaged_in_the_source_is_named_and_keeps_nothing_else_back()
    {
        await using var storage = await StorageFixture.CreateAsync();
        await storage.UploadAsync(SampleExec.Whole(binary: "first"));
        await storage.UploadAsync(SampleExec.Whole(binary: "second", job: "other"));
        await storage.UploadAsync(SampleExec.Whole(binary: "third", job: "third"));
        var directory = storage.Storage.Directory;
        File.Delete(directory.OfArtifact(Sha256Digest.Of("first"u8)));
        await File.WriteAllTextAsync(directory.OfArtifact(Sha256Digest.Of("second"u8)), "seconD", Cancellation);
        var here = storage.Folder.Settings;
        var there = here with { Objects = await Engines.NewBucketAsync() };

        var report = await CopyAsync(storage.Storage.Database, here, there, new NoProgress(), Cancellation);

        Assert.Equal(2, report.Damaged.Count);
        Assert.Contains(report.Damaged, problem => problem.Contains("the content is missing", StringComparison.Ordinal));
        await using var inBucket = await BuilderStorage.OpenAsync(there, TimeProvider.System, Cancellation);
        var findings = new List<Finding>();
        await foreach (var finding in new DataDirectoryVerifier(inBucket, repair: false, null).VerifyAsync(Cancellation))
            findings.Add(finding);
        Assert.Equal(2, findings.Count(finding => finding.Kind == FindingKind.Missing));
        Assert.Equal(2, findings.Count);
    }

    [Fact]
    public async Task What_nothing_needs_is_swept_a_day_later_and_what_is_needed_stays()
    {
        await using var storage = await StorageFixture.CreateAsync(DatabaseEngine.Sqlite, objects: true);
        var stored = Assert.IsType<UploadResult.Stored>(await storage.UploadAsync(SampleExec.Whole()));
        var before = storage.Folder.Files();
        var bucket = storage.Storage.Bucket!;
        var orphan = Sha256Digest.Of("nobody's"u8);
        await bucket.PutBytesAsync(BucketKeys.OfArtifact(orphan), "nobody's"u8.ToArray(), replaces: false, Cancellation);
        await bucket.PutBytesAsync($"builds/hello/{BuildUuid.NewRandom()}/console.txt", "x"u8.ToArray(), replaces: false, Cancellation);
        await bucket.PutBytesAsync("uploads/some/console.txt", "x"u8.ToArray(), replaces: false, Cancellation);
        var now = TimeProvider.System.GetUtcNow();

        Assert.Equal(0, await storage.Storage.BucketSweeper!.SweepAsync(now, Cancellation));
        Assert.Equal(3, await storage.Storage.BucketSweeper.SweepAsync(now + TimeSpan.FromHours(25), Cancellation));

        Assert.Equal(before, storage.Folder.Files());
        Assert.Empty(await storage.VerifyAsync());
        Assert.Equal("hello", stored.Job.Value);
    }

    private static async Task<BackupReport> CopyAsync(
        BuilderDatabase database,
        DatabaseSettings source,
        DatabaseSettings target,
        IProgress<string> progress,
        CancellationToken cancellationToken
    )
    {
        using var from = StoredFiles.Open(source, TimeProvider.System);
        using var to = StoredFiles.Open(target, TimeProvider.System);
        return await new FilesCopy(database, from, to, progress).RunAsync(cancellationToken);
    }

    private static async Task RequireSameAsync(BuilderStorage storage, List<(UploadResult.Stored Build, byte[] Exec)> execs)
    {
        var findings = new List<Finding>();
        await foreach (var finding in new DataDirectoryVerifier(storage, repair: false, null).VerifyAsync(Cancellation))
            findings.Add(finding);
        Assert.Empty(findings);
        var exec = new BuildExec(storage.Database, storage.BuildFiles, storage.Artifacts);
        foreach (var (build, expected) in execs)
        {
            var written = new MemoryStream();
            await exec.WriteAsync((await exec.FindAsync(build.Uuid, Cancellation))!, written, Cancellation);
            Assert.Equal(expected, written.ToArray());
        }
    }

    /// <summary>Ends the copy when it comes to its second part.</summary>
    private sealed class CancelAfter(CancellationTokenSource cut) : IProgress<string>
    {
        public void Report(string value)
        {
            if (value.StartsWith("scripts", StringComparison.Ordinal))
                cut.Cancel();
        }
    }
}
