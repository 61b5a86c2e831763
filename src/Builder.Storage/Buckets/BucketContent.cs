using Builder.Analysis.Values;
using Builder.Objects.Transfer;
using Builder.Storage.Artifacts;

namespace Builder.Storage.Buckets;

/// <summary>A large content, read forwards by the MiB over one request as long as that goes, each MiB compared with its hash.</summary>
internal sealed class BucketContent(ObjectClient client, Sha256Digest digest, long length, ChunkHashes chunks, ContentCheck check)
    : IAsyncDisposable
{
    private const int Attempts = 3;

    private ObjectDownload? download;
    private long next;

    public long Length => length;

    /// <summary>Whether the chunk has the right hash, for one that was read by other means.</summary>
    public void Require(long number, ReadOnlySpan<byte> content)
    {
        if (content.Length != LengthOf(number) || !chunks.Matches(number, content))
            throw check.Report(
                digest,
                $"the MiB from byte {number * ChunkHashes.ChunkInBytes} on has another hash than when it was stored"
            );
    }

    /// <returns>How many bytes the chunk has.</returns>
    public async ValueTask<int> ReadAsync(long number, byte[] buffer, CancellationToken cancellationToken)
    {
        var count = LengthOf(number);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (download is null || next != number)
                {
                    await CloseAsync();
                    download =
                        await client.GetAsync(BucketKeys.OfArtifact(digest), cancellationToken, number * ChunkHashes.ChunkInBytes)
                        ?? throw check.Report(digest, "it is gone while it was read");
                    if (download.Info.Length != length)
                        throw check.Report(digest, $"it has {download.Info.Length} bytes, not {length}");
                }
                next = -1;
                await download.Content.ReadExactlyAsync(buffer.AsMemory(0, count), cancellationToken);
                next = number + 1;
                break;
            }
            catch (ObjectStoreException) when (attempt < Attempts)
            {
                // It broke in the middle: from this chunk on again.
                await CloseAsync();
            }
            catch (ArgumentOutOfRangeException)
            {
                throw check.Report(digest, $"it ends before byte {number * ChunkHashes.ChunkInBytes} of {length}");
            }
        }
        Require(number, buffer.AsSpan(0, count));
        return count;
    }

    public ValueTask DisposeAsync() => CloseAsync();

    private int LengthOf(long number) => (int)Math.Min(ChunkHashes.ChunkInBytes, length - (number * ChunkHashes.ChunkInBytes));

    private async ValueTask CloseAsync()
    {
        if (Interlocked.Exchange(ref download, null) is { } open)
            await open.DisposeAsync();
    }
}
