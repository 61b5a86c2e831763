using System.Buffers;
using System.Security.Cryptography;
using Builder.Analysis.Values;

namespace Builder.Storage.Maintenance;

/// <summary>What reading a file to its end gave.</summary>
/// <param name="Digest">Null where the file is gone, or cannot be read.</param>
/// <param name="Unreadable">Why it cannot be read.</param>
internal readonly record struct ContentHash(Sha256Digest? Digest, string? Unreadable = null)
{
    private const int Piece = 256 * 1024;

    public static async Task<ContentHash> OfAsync(string path, Action<long>? count, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Piece);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            using var file = File.OpenHandle(
                path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.Read | FileShare.Delete,
                FileOptions.SequentialScan
            );
            var position = 0L;
            int read;
            while ((read = await RandomAccess.ReadAsync(file, buffer, position, cancellationToken)) > 0)
            {
                hash.AppendData(buffer, 0, read);
                position += read;
                count?.Invoke(read);
            }
            return new ContentHash(Sha256Digest.FromBytes(hash.GetHashAndReset()));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return new ContentHash(null);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            return new ContentHash(null, exception.Message);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
