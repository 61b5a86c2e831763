using System.Globalization;
using System.Text.Json;
using Builder.Analysis.Difference;
using Builder.Analysis.Values;
using Builder.Posix;
using Builder.Storage.Files;

namespace Builder.Web.Difference;

/// <summary>Whole comparisons on disk, by what the two builds left: <c>_cache/difference_VERSION/LEFT_RIGHT.json</c>.</summary>
internal sealed class DifferenceFiles(DataDirectory data)
{
    /// <summary>Of one file, in bytes, about.</summary>
    private const long MaxLength = 8 << 20;

    /// <summary>
    /// Of all files, in bytes. Anybody may ask for any two builds, so there can be as many files as pairs; those written first go, and are computed again
    /// for who asks.
    /// </summary>
    public long MaxTotalLength { get; init; } = 1L << 30;

    /// <summary>Null where there is none, or one that cannot be read: it is computed again.</summary>
    public async Task<DifferenceResult?> ReadAsync(Sha256Digest left, Sha256Digest right, CancellationToken cancellationToken)
    {
        try
        {
            return DifferenceTree.Read(await File.ReadAllBytesAsync(PathOf(left, right), cancellationToken));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Whole or not at all.</summary>
    public async Task WriteAsync(Sha256Digest left, Sha256Digest right, DifferenceResult result, CancellationToken cancellationToken)
    {
        var path = PathOf(left, right);
        PrivateFiles.CreateDirectory(Path.GetDirectoryName(path)!);
        var unfinished = $"{path}.{Guid.NewGuid():N}";
        try
        {
            await using (
                var file = PrivateFiles.Open(unfinished, FileMode.CreateNew, bufferSize: 1 << 16, options: FileOptions.Asynchronous)
            )
            {
                DifferenceTree.Write(file, result, MaxLength);
                await file.FlushAsync(cancellationToken);
            }
            File.Move(unfinished, path, overwrite: true);
            RemoveOldest(Path.GetDirectoryName(path)!);
        }
        catch
        {
            if (File.Exists(unfinished))
                File.Delete(unfinished);
            throw;
        }
    }

    /// <summary>What an ended process left unfinished is among the oldest, too.</summary>
    private void RemoveOldest(string directory)
    {
        var total = 0L;
        foreach (var file in new DirectoryInfo(directory).EnumerateFiles().OrderByDescending(static file => file.LastWriteTimeUtc))
        {
            total += file.Length;
            if (total > MaxTotalLength)
                file.Delete();
        }
    }

    private string PathOf(Sha256Digest left, Sha256Digest right) =>
        Path.Combine(
            data.Cache,
            string.Create(CultureInfo.InvariantCulture, $"difference_{DifferenceVersion.Current}"),
            $"{left}_{right}.json"
        );
}
