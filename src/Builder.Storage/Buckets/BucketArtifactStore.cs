using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Builder.Analysis.Values;
using Builder.Objects.Transfer;
using Builder.Storage.Artifacts;
using Builder.Storage.Files;

namespace Builder.Storage.Buckets;

/// <summary>Artifacts as objects of a bucket. Nothing is given out that was not compared with its hash before: small ones as a whole, large ones by the MiB.</summary>
internal sealed class BucketArtifactStore(
    ObjectClient client,
    DataDirectory directory,
    LocalCopies copies,
    ContentCheck check,
    DurableFiles files
) : IArtifactStore, IRemoteContents
{
    private static readonly Sha256Digest Empty = Sha256Digest.Of([]);

    public bool IsRemote => true;

    public async ValueTask<StoredContent?> OpenAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        if (digest == Empty)
            return await ExistsAsync(digest, cancellationToken) ? new StoredContent(new MemoryStream([], writable: false), 0) : null;
        byte[] first;
        long length;
        try
        {
            await using var download = await client.GetAsync(
                BucketKeys.OfArtifact(digest),
                cancellationToken,
                from: 0,
                length: ChunkHashes.ChunkInBytes
            );
            if (download is null)
                return null;
            length = download.Info.Length;
            first = new byte[download.Length];
            await download.Content.ReadExactlyAsync(first, cancellationToken);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw check.Report(digest, "it is empty");
        }
        if (length <= ChunkHashes.ChunkInBytes)
        {
            if (Sha256Digest.Of(first) is var found && found != digest)
                throw check.Report(digest, $"its {length} bytes have SHA-256 {found}");
            check.Damaged.Remove(digest);
            return new StoredContent(new MemoryStream(first, writable: false), length);
        }
        var chunks = await ChunksAsync(digest, length, cancellationToken);
        var stream = new BucketContentStream(
            new BucketContent(client, digest, length, chunks, check),
            first,
            cancellation => CopyAsync(digest, length, chunks, cancellation)
        );
        return new StoredContent(stream, length) { IsRemote = true };
    }

    /// <summary>A damaged one does not count: an upload of the same content replaces it.</summary>
    public async ValueTask<bool> ExistsAsync(Sha256Digest digest, CancellationToken cancellationToken) =>
        !check.Damaged.Contains(digest) && await client.HeadAsync(BucketKeys.OfArtifact(digest), cancellationToken) is not null;

    public ValueTask PrepareAsync(string stagedFile, Sha256Digest digest, CancellationToken cancellationToken) =>
        PublishAsync(stagedFile, digest, cancellationToken);

    public async ValueTask PublishAsync(string stagedFile, Sha256Digest digest, CancellationToken cancellationToken)
    {
        var key = BucketKeys.OfArtifact(digest);
        var length = new FileInfo(stagedFile).Length;
        var isDamaged = check.Damaged.Contains(digest);
        var existing = await client.HeadAsync(key, cancellationToken);
        if (!isDamaged && existing?.Length == length)
            return;
        files.Step($"put {key}");
        if (length > ChunkHashes.ChunkInBytes)
            await client.PutBytesAsync(
                BucketKeys.OfChunks(digest),
                (await HashChunksAsync(stagedFile, digest, length, cancellationToken)).ToBytes(),
                replaces: true,
                cancellationToken
            );
        await client.PutFileAsync(key, stagedFile, digest.ToString(), replaces: existing is not null, cancellationToken);
        if (existing is not null)
            copies.Forget(key);
        check.Forget(digest);
    }

    public async ValueTask RemoveAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        files.Step($"delete {BucketKeys.OfArtifact(digest)}");
        await client.DeleteAsync(BucketKeys.OfArtifact(digest), cancellationToken);
        await client.DeleteAsync(BucketKeys.OfChunks(digest), cancellationToken);
        copies.Forget(BucketKeys.OfArtifact(digest));
        if (File.Exists(directory.OfChunks(digest)))
            File.Delete(directory.OfChunks(digest));
        check.Forget(digest);
    }

    public async IAsyncEnumerable<Sha256Digest> AllAsync(string from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var after = from.Length < 2 ? null : $"{BucketKeys.Artifacts}{from[..2]}/{from}";
        await foreach (var one in client.ListAsync(BucketKeys.Artifacts, cancellationToken, after))
        {
            if (BucketKeys.DigestOf(one.Key) is { } digest)
                yield return digest;
        }
    }

    /// <summary>Finding it right clears what was said of it.</summary>
    public async Task CheckAsync(Sha256Digest digest, Func<int, ValueTask> pace, CancellationToken cancellationToken)
    {
        await using var download = await client.GetAsync(BucketKeys.OfArtifact(digest), cancellationToken);
        if (download is null)
        {
            check.Forget(digest);
            return;
        }
        await HashChunksAsync(download.Content, digest, download.Length, cancellationToken, pace);
        check.Damaged.Remove(digest);
    }

    /// <summary>Kept here, else kept in the bucket, else made by reading the whole content.</summary>
    private async Task<ChunkHashes> ChunksAsync(Sha256Digest digest, long length, CancellationToken cancellationToken)
    {
        var path = directory.OfChunks(digest);
        if (!check.Damaged.Contains(digest))
        {
            if (ChunkHashes.Read(path, length) is { } known)
                return known;
            await using var download = await client.GetAsync(BucketKeys.OfChunks(digest), cancellationToken);
            if (download is { Length: < int.MaxValue })
            {
                var bytes = new byte[download.Length];
                await download.Content.ReadExactlyAsync(bytes, cancellationToken);
                if (ChunkHashes.Parse(bytes, length) is { } kept)
                {
                    kept.TryWrite(path);
                    return kept;
                }
            }
        }
        await using var content =
            await client.GetAsync(BucketKeys.OfArtifact(digest), cancellationToken)
            ?? throw check.Report(digest, "it is gone while it was read");
        var chunks = await HashChunksAsync(content.Content, digest, length, cancellationToken);
        check.Damaged.Remove(digest);
        await client.PutBytesAsync(BucketKeys.OfChunks(digest), chunks.ToBytes(), replaces: true, cancellationToken);
        chunks.TryWrite(path);
        return chunks;
    }

    private async Task<FileStream> CopyAsync(Sha256Digest digest, long length, ChunkHashes chunks, CancellationToken cancellationToken) =>
        await copies.OpenAsync(
            BucketKeys.OfArtifact(digest),
            async (file, cancellation) =>
            {
                await using var content = new BucketContentStream(new BucketContent(client, digest, length, chunks, check), [], copy: null);
                await content.CopyToAsync(file, ChunkHashes.ChunkInBytes, cancellation);
                await file.FlushAsync(cancellation);
                return true;
            },
            cancellationToken
        ) ?? throw new InvalidOperationException("a copy was not made");

    private async Task<ChunkHashes> HashChunksAsync(string path, Sha256Digest digest, long length, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(
            path,
            FileMode.Open,
            FileAccess.Read,
            FileShare.Read,
            bufferSize: 0,
            FileOptions.Asynchronous
        );
        return await HashChunksAsync(file, digest, length, cancellationToken);
    }

    /// <exception cref="DamagedContentException">The content has another hash.</exception>
    private async Task<ChunkHashes> HashChunksAsync(
        Stream content,
        Sha256Digest digest,
        long length,
        CancellationToken cancellationToken,
        Func<int, ValueTask>? pace = null
    )
    {
        using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var chunks = new List<byte[]>();
        var buffer = new byte[ChunkHashes.ChunkInBytes];
        while (await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken) is > 0 and var count)
        {
            whole.AppendData(buffer, 0, count);
            chunks.Add(SHA256.HashData(buffer.AsSpan(0, count)));
            if (pace is not null)
                await pace(count);
        }
        return Sha256Digest.FromBytes(whole.GetHashAndReset()) is var found && found != digest
            ? throw check.Report(digest, $"its {length} bytes have SHA-256 {found}")
            : ChunkHashes.Of(length, chunks);
    }
}
