using Builder.Storage.Artifacts;

namespace Builder.Web.Pictures;

/// <summary>Drawn pictures on disk, by what they are of and by whom drawn, so that each is drawn once.</summary>
internal sealed class PictureFiles(DataDirectory data)
{
    /// <summary>The original counted its drawings from 1; ours are others.</summary>
    private const int FirstOfOurs = 100;

    public async Task<byte[]?> ReadAsync(string kind, int version, Sha256Digest of, CancellationToken stop)
    {
        try
        {
            return await File.ReadAllBytesAsync(PathOf(kind, version, of), stop);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Whole or not at all, also where two draw the same.</summary>
    public async Task WriteAsync(string kind, int version, Sha256Digest of, byte[] picture, CancellationToken stop)
    {
        var path = PathOf(kind, version, of);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var unfinished = $"{path}.{Guid.NewGuid():N}";
        try
        {
            await File.WriteAllBytesAsync(unfinished, picture, stop);
            File.Move(unfinished, path, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    private string PathOf(string kind, int version, Sha256Digest of) => Path.Combine(data.Cache, $"{kind}_{FirstOfOurs + version}", $"{of}.html");
}
