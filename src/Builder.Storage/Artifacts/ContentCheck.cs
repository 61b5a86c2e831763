using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Builder.Analysis.Values;
using Builder.Posix;
using Builder.Storage.Files;
using Microsoft.Win32.SafeHandles;

namespace Builder.Storage.Artifacts;

/// <summary>
/// Checks contents against their hash when they are read. A file that was read whole and found right is trusted for a while, as long as the
/// file system says that nobody has written to it: what is read again and again is in memory by then, and costs no second hash.
/// </summary>
internal sealed class ContentCheck(DataDirectory directory, DamagedContents damaged, TimeProvider clock)
{
    /// <summary>How long a content that was found right is not hashed again.</summary>
    internal static readonly TimeSpan Trust = TimeSpan.FromMinutes(10);

    private const int MaxTrusted = 20_000;

    private readonly ConcurrentDictionary<Sha256Digest, Trusted> trusted = [];

    public DamagedContents Damaged => damaged;

    /// <summary>Reads what must be read before the first byte may go out.</summary>
    /// <returns>The hashes by which the stream checks the rest as it is read; null where all of it is right.</returns>
    /// <exception cref="DamagedContentException">It is not what its hash says.</exception>
    public async ValueTask<ChunkHashes?> BeginAsync(SafeFileHandle handle, Sha256Digest digest, CancellationToken cancellationToken)
    {
        var status = FileStatus.Of(handle);
        if (IsTrusted(digest, status))
            return null;
        if (
            status.Size > ChunkHashes.ChunkInBytes
            && !damaged.Contains(digest)
            && ChunkHashes.Read(directory.OfChunks(digest), status.Size) is { } chunks
        )
            return chunks;
        await CheckWholeAsync(handle, digest, cancellationToken);
        return null;
    }

    /// <summary>Reads all of it. Finding it right clears what was said of it, keeps the hashes of its chunks, and makes it trusted.</summary>
    /// <param name="pace">Told how many bytes were read, for a check that shall go slowly.</param>
    /// <exception cref="DamagedContentException">It is not what its hash says; that is noted down.</exception>
    public async Task CheckWholeAsync(
        SafeFileHandle handle,
        Sha256Digest digest,
        CancellationToken cancellationToken,
        Func<int, ValueTask>? pace = null
    )
    {
        // Before it is read: what is written meanwhile makes it another file.
        var status = FileStatus.Of(handle);
        var withChunks = status.Size > ChunkHashes.ChunkInBytes;
        var chunks = new List<byte[]>(withChunks ? ChunkHashes.CountFor(status.Size) : 0);
        using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkHashes.ChunkInBytes);
        try
        {
            long offset = 0;
            while (await ReadChunkAsync(handle, buffer, offset, cancellationToken) is > 0 and var count)
            {
                whole.AppendData(buffer, 0, count);
                if (withChunks)
                    chunks.Add(SHA256.HashData(buffer.AsSpan(0, count)));
                offset += count;
                if (pace is not null)
                    await pace(count);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        if (Sha256Digest.FromBytes(whole.GetHashAndReset()) is var found && found != digest)
            throw Report(digest, $"its {status.Size} bytes have SHA-256 {found}");
        damaged.Remove(digest);
        if (withChunks && chunks.Count == ChunkHashes.CountFor(status.Size))
            ChunkHashes.Of(status.Size, chunks).TryWrite(directory.OfChunks(digest));
        NoteRight(digest, status);
    }

    /// <summary>The file was just written with bytes of this hash.</summary>
    public void MarkRight(Sha256Digest digest, SafeFileHandle handle) => NoteRight(digest, FileStatus.Of(handle));

    public DamagedContentException Report(Sha256Digest digest, string reason)
    {
        trusted.TryRemove(digest, out _);
        damaged.Add(digest, reason);
        return new DamagedContentException(digest, reason);
    }

    /// <summary>The content is gone, and with it what is known of it.</summary>
    public void Forget(Sha256Digest digest)
    {
        trusted.TryRemove(digest, out _);
        damaged.Remove(digest);
    }

    /// <returns>A whole chunk, or what is left of the file; 0 at its end.</returns>
    internal static async ValueTask<int> ReadChunkAsync(
        SafeFileHandle handle,
        byte[] buffer,
        long offset,
        CancellationToken cancellationToken
    )
    {
        var count = 0;
        while (
            count < ChunkHashes.ChunkInBytes
            && await RandomAccess.ReadAsync(
                handle,
                buffer.AsMemory(count, ChunkHashes.ChunkInBytes - count),
                offset + count,
                cancellationToken
            )
                is > 0
                    and var read
        )
        {
            count += read;
        }
        return count;
    }

    private void NoteRight(Sha256Digest digest, FileStatus status)
    {
        if (trusted.Count >= MaxTrusted)
            trusted.Clear();
        trusted[digest] = new Trusted(status, clock.GetTimestamp());
    }

    private bool IsTrusted(Sha256Digest digest, FileStatus status) =>
        trusted.TryGetValue(digest, out var known) && known.Status == status && clock.GetElapsedTime(known.Since) < Trust;

    private readonly record struct Trusted(FileStatus Status, long Since);
}
