using System.Globalization;
using System.Text.Json;
using Builder.Analysis.Difference;
using Builder.Posix;
using Builder.Storage.Files;
using Builder.Storage.Values;

namespace Builder.Web.Difference;

/// <summary>Whole comparisons on disk, by what the two builds left: <c>_cache/difference_VERSION/LEFT_RIGHT.json</c>.</summary>
internal sealed class DifferenceFiles(DataDirectory data)
{
    /// <summary>Of one file, in bytes, about.</summary>
    private const long MaxLength = 8 << 20;

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
            await using (var file = PrivateFiles.Open(unfinished, FileMode.CreateNew, bufferSize: 1 << 16, options: FileOptions.Asynchronous))
            {
                DifferenceTree.Write(file, result, MaxLength);
                await file.FlushAsync(cancellationToken);
            }
            File.Move(unfinished, path, overwrite: true);
        }
        catch
        {
            if (File.Exists(unfinished))
                File.Delete(unfinished);
            throw;
        }
    }

    private string PathOf(Sha256Digest left, Sha256Digest right) =>
        Path.Combine(data.Cache, string.Create(CultureInfo.InvariantCulture, $"difference_{DifferenceVersion.Current}"), $"{left}_{right}.json");
}
