using Builder.Analysis.Values;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Storage.Artifacts;
using Builder.Storage.Packing;
using Builder.Storage.Repacking;
using Builder.Storage.Tests.Ingestion;

namespace Builder.Storage.Tests.Packing;

/// <summary>Daily builds of one job: random bytes of which each day changes some, so that nothing but a patch makes them smaller.</summary>
internal static class PackedSamples
{
    public const int Size = 200_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static byte[] Content(int day, string job = "hello")
    {
        var random = new Random(job.Length);
        var content = new byte[Size];
        random.NextBytes(content);
        for (var change = 1; change <= day; change++)
            new Random(change).NextBytes(content.AsSpan(change * 1000, 900));
        return content;
    }

    public static Sha256Digest Digest(int day, string job = "hello") => Sha256Digest.Of(Content(day, job));

    public static byte[] Exec(int day, string job = "hello", BuildUuid? uuid = null, string platform = "debian-12") =>
        ExecCodec.Encode(
            new Exec(
                new ScriptJob(ByteString.FromUtf8(job), ByteString.FromUtf8(platform), ByteString.FromUtf8("#!/bin/sh\nmake\n")),
                uuid ?? BuildUuid.NewRandom(),
                [],
                Timestamp.From(new DateTimeOffset(2026, 10, 1, 6, 0, 0, TimeSpan.Zero).AddDays(day)),
                Timestamp.From(new DateTimeOffset(2026, 10, 1, 6, 5, 0, TimeSpan.Zero).AddDays(day)),
                new ExecutionResult.Exited(0),
                [
                    new Artifact(ArtifactPath.Parse("bin/hello"), Content(day, job)),
                    new Artifact(ArtifactPath.Parse("build-environment"), "PATH=/bin"u8.ToArray()),
                ]
            )
        );

    public static async Task UploadDaysAsync(this StorageFixture fixture, int count, string job = "hello")
    {
        for (var day = 0; day < count; day++)
            Assert.IsType<Builder.Storage.Ingestion.UploadResult.Stored>(await fixture.UploadAsync(Exec(day, job)));
    }

    public static async Task<PackReport> PackAsync(this StorageFixture fixture, bool isDryRun = false) =>
        await fixture.Storage.Packer.PackAsync(isDryRun, progress: null, Cancellation)
        ?? throw new InvalidOperationException("another process packs");

    /// <summary>A packer whose process ends at the crash point.</summary>
    public static ContentPacker CrashingPacker(this StorageFixture fixture, CrashPoint crash)
    {
        var storage = fixture.Storage;
        var check = new ContentCheck(storage.Directory, new DamagedContents(), TimeProvider.System);
        var store = new PackedArtifactStore(
            storage.Database,
            storage.Directory,
            new FileArtifactStore(storage.Directory, crash.Files, check),
            check,
            TimeProvider.System
        );
        return new ContentPacker(storage.Database, storage.Directory, store, crash.Files, TimeProvider.System);
    }

    public static async Task<byte[]> ReadAsync(this StorageFixture fixture, Sha256Digest digest)
    {
        await using var content =
            await fixture.Storage.Artifacts.OpenAsync(digest, Cancellation) ?? throw new InvalidOperationException($"no {digest}");
        var bytes = new byte[content.Length];
        await content.Stream.ReadExactlyAsync(bytes, Cancellation);
        return bytes;
    }

    public static async Task RequireDaysAsync(this StorageFixture fixture, int count, string job = "hello")
    {
        for (var day = 0; day < count; day++)
        {
            var read = await fixture.ReadAsync(Digest(day, job));
            Assert.True(read.AsSpan().SequenceEqual(Content(day, job)), $"day {day}");
        }
    }

    public static async Task<List<PackedContent>> PackedAsync(this StorageFixture fixture)
    {
        await using var session = await fixture.Storage.Database.OpenReadAsync(Cancellation);
        return await PackedRows.AfterAsync(session, null, 1000, Cancellation);
    }

    public static async Task<PackedContent> PackedAsync(this StorageFixture fixture, Sha256Digest digest)
    {
        await using var session = await fixture.Storage.Database.OpenReadAsync(Cancellation);
        return await PackedRows.FindAsync(session, digest, Cancellation) ?? throw new InvalidOperationException($"{digest} is not packed");
    }

    public static bool IsStored(this StorageFixture fixture, Sha256Digest digest) =>
        File.Exists(fixture.Storage.Directory.OfArtifact(digest));

    public static long StoredBytes(this StorageFixture fixture) =>
        new DirectoryInfo(fixture.Storage.Directory.Artifacts).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
}
