using System.Security.Cryptography;
using Builder.Analysis.Values;
using Builder.Objects.Transfer;
using Builder.Storage.Artifacts;
using Builder.Storage.Buckets;
using Builder.Storage.Database;
using Builder.Storage.Files;
using Builder.Testing;

namespace Builder.Storage.Tests.Artifacts;

/// <summary>Artifacts and files of builds in a bucket: what was stored comes back, and what was changed there never does.</summary>
public sealed class BucketTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1 << 20)]
    [InlineData((1 << 20) + 1)]
    [InlineData(20_000_000)]
    public async Task A_content_comes_back_whole_and_from_any_place(int length)
    {
        using var files = await OpenAsync();
        var (content, digest) = await PublishAsync(files, length);

        Assert.True(await files.Artifacts.ExistsAsync(digest, CancellationToken));
        await using (var stored = await files.Artifacts.OpenAsync(digest, CancellationToken))
        {
            Assert.Equal(length, stored!.Length);
            Assert.Equal(digest, Sha256Digest.FromBytes(await SHA256.HashDataAsync(stored.Stream, CancellationToken)));
        }
        await using (var stored = await files.Artifacts.OpenAsync(digest, CancellationToken))
        {
            foreach (var start in new[] { length / 2, length - 10, 0, length / 3, 7 }.Where(start => start >= 0 && start < length))
            {
                stored!.Stream.Seek(start, SeekOrigin.Begin);
                var piece = new byte[Math.Min(5000, length - start)];
                await stored.Stream.ReadExactlyAsync(piece, CancellationToken);
                Assert.True(content.AsSpan(start, piece.Length).SequenceEqual(piece), $"other bytes from {start}");
                stored.Stream.Seek(start, SeekOrigin.Begin);
                stored.Stream.ReadExactly(piece);
                Assert.True(content.AsSpan(start, piece.Length).SequenceEqual(piece), $"other bytes from {start}");
            }
        }
        await files.Artifacts.RemoveAsync(digest, CancellationToken);
        Assert.Null(await files.Artifacts.OpenAsync(digest, CancellationToken));
        await files.Artifacts.RemoveAsync(digest, CancellationToken);
    }

    [Fact]
    public async Task A_content_without_hashes_of_its_pieces_gets_them_when_it_is_read()
    {
        using var files = await OpenAsync();
        var (_, digest) = await PublishAsync(files, 3_000_000);
        await files.Bucket!.DeleteAsync(BucketKeys.OfChunks(digest), CancellationToken);
        Assert.Equal(digest, await HashAsync(files, digest));
        Assert.NotNull(await files.Bucket.HeadAsync(BucketKeys.OfChunks(digest), CancellationToken));
    }

    [Theory]
    [InlineData(1000, 500)]
    [InlineData(3_000_000, 0)]
    [InlineData(3_000_000, 2_999_999)]
    [InlineData(3_000_000, -1)]
    public async Task A_content_that_was_changed_in_the_bucket_is_never_given_out_and_an_upload_replaces_it(int length, int changedAt)
    {
        using var files = await OpenAsync();
        var (content, digest) = await PublishAsync(files, length);
        var changed = changedAt < 0 ? content[..^1] : [.. content];
        if (changedAt >= 0)
            changed[changedAt] ^= 1;
        await files.Bucket!.PutBytesAsync(BucketKeys.OfArtifact(digest), changed, replaces: true, CancellationToken);

        await Assert.ThrowsAsync<DamagedContentException>(() => HashAsync(files, digest));
        Assert.False(await files.Artifacts.ExistsAsync(digest, CancellationToken));

        await files.Artifacts.PublishAsync(directory["staged"], digest, CancellationToken);
        Assert.Equal(digest, await HashAsync(files, digest));
    }

    [Fact]
    public async Task A_file_of_a_build_that_was_changed_in_the_bucket_is_not_given_out()
    {
        using var files = await OpenAsync();
        var (job, build) = (
            Protocol.Values.JobName.Parse("hello"),
            Protocol.Values.BuildUuid.Parse("11111111-2222-4333-8444-555555555555")
        );
        Directory.CreateDirectory(directory["build/withheld"]);
        await File.WriteAllTextAsync(directory["build/console.txt"], "0ms:\"hi\"\n", CancellationToken);
        await File.WriteAllBytesAsync(directory["build/withheld/0"], RandomNumberGenerator.GetBytes(2_000_000), CancellationToken);
        await files.Builds.PrepareAsync(directory["build"], "some-upload", CancellationToken);
        await files.Builds.PublishAsync(directory["build"], "some-upload", job, build, CancellationToken);
        await files.Builds.DiscardAsync("some-upload", CancellationToken);

        await using (var console = await files.Builds.OpenAsync($"hello/{build}/console.txt", CancellationToken))
            Assert.Equal("0ms:\"hi\"\n", await new StreamReader(console!).ReadToEndAsync(CancellationToken));
        await using (var withheld = await files.Builds.OpenAsync($"hello/{build}/withheld/0", CancellationToken))
            Assert.Equal(2_000_000, withheld!.Length);
        Assert.Null(await files.Builds.OpenAsync($"hello/{build}/exec", CancellationToken));
        await Assert.ThrowsAsync<InvalidDataException>(async () => await files.Builds.OpenAsync("../elsewhere", CancellationToken));
        var keys = new List<string>();
        await foreach (var one in files.Bucket!.ListAsync("", CancellationToken))
            keys.Add(one.Key);
        Assert.Equal([$"builds/hello/{build}/console.txt", $"builds/hello/{build}/withheld/0"], keys);

        // Changed by somebody who leaves the recorded hash: a client that does not give one.
        await TamperAsync(files, $"builds/hello/{build}/console.txt");
        Directory.Delete(files.Directory.Copies, recursive: true);
        await Assert.ThrowsAsync<DamagedObjectException>(async () =>
            await files.Builds.OpenAsync($"hello/{build}/console.txt", CancellationToken)
        );
        await files.Builds.RemoveAsync($"hello/{build}", CancellationToken);
        Assert.Null(await files.Builds.OpenAsync($"hello/{build}/withheld/0", CancellationToken));
    }

    [Fact]
    public async Task Local_copies_stay_within_their_bound_but_for_those_that_are_open()
    {
        var folder = new DataDirectory(directory["data"]);
        var copies = new LocalCopies(folder, maxLength: 5_000_000);
        await using var held = await copies.OpenAsync("one/0", WriteAsync, CancellationToken);
        for (var number = 1; number < 6; number++)
        {
            await using var other = await copies.OpenAsync($"one/{number}", WriteAsync, CancellationToken);
            Assert.Equal(2_000_000, other!.Length);
        }

        Assert.True(File.Exists(Path.Combine(folder.Copies, "one/0")), "a copy in use was removed");
        var total = Directory.EnumerateFiles(folder.Copies, "*", SearchOption.AllDirectories).Sum(path => new FileInfo(path).Length);
        Assert.InRange(total, 2_000_000, 8_000_000);
        Assert.Null(await copies.OpenAsync("nothing", static (_, _) => Task.FromResult(false), CancellationToken));

        static async Task<bool> WriteAsync(FileStream file, CancellationToken cancellationToken)
        {
            await file.WriteAsync(new byte[2_000_000], cancellationToken);
            return true;
        }
    }

    private async Task<StoredFiles> OpenAsync() =>
        StoredFiles.Open(new DatabaseSettings(directory["data"]) { Objects = await Engines.NewBucketAsync() }, TimeProvider.System);

    private async Task<(byte[] Content, Sha256Digest Digest)> PublishAsync(StoredFiles files, int length)
    {
        var content = RandomNumberGenerator.GetBytes(length);
        await File.WriteAllBytesAsync(directory["staged"], content, CancellationToken);
        var digest = Sha256Digest.Of(content);
        await files.Artifacts.PublishAsync(directory["staged"], digest, CancellationToken);
        return (content, digest);
    }

    private static async Task<Sha256Digest> HashAsync(StoredFiles files, Sha256Digest digest)
    {
        await using var stored = await files.Artifacts.OpenAsync(digest, CancellationToken);
        return Sha256Digest.FromBytes(await SHA256.HashDataAsync(stored!.Stream, CancellationToken));
    }

    /// <summary>The object has other bytes, and says that it has the hash of the old ones.</summary>
    private async Task TamperAsync(StoredFiles files, string key)
    {
        var hash = (await files.Bucket!.HeadAsync(key, CancellationToken))!.Sha256!;
        // In parts the store cannot compare the whole: that is how other bytes get the old hash.
        var objects = await Engines.CephAsync();
        using var other = new ObjectClient(
            files.Bucket.Address,
            new Objects.Credentials.ConfiguredAccessKeys(name => objects.Environment.GetValueOrDefault(name)),
            TimeProvider.System,
            new ObjectClientOptions { PartSize = 1 }
        );
        await File.WriteAllTextAsync(directory["other"], "1ms:\"no\"\n", CancellationToken);
        await other.PutFileAsync(key, directory["other"], hash, replaces: true, CancellationToken);
    }
}
