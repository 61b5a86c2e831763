using System.Globalization;
using Builder.Analysis.Values;
using Builder.Posix;
using Builder.Storage.Files;

namespace Builder.Web.Pictures;

/// <summary>Drawn pictures on disk, by what they are of and by whom drawn, so that each is drawn once.</summary>
internal sealed class PictureFiles(DataDirectory data)
{
    /// <summary>The original counted its drawings from 1; ours are later ones.</summary>
    private const int FirstOfOurs = 100;

    public Task<byte[]?> ReadAsync(string kind, int version, Sha256Digest of, CancellationToken cancellationToken) =>
        ReadAsync(PathOf(kind, FirstOfOurs + version, of), cancellationToken);

    public bool Exists(string kind, int version, Sha256Digest of) => File.Exists(PathOf(kind, FirstOfOurs + version, of));

    /// <summary>The newest picture that an earlier drawing program left, be it the original's; null where none did.</summary>
    public async Task<byte[]?> ReadOlderAsync(string kind, int version, Sha256Digest of, CancellationToken cancellationToken)
    {
        foreach (var older in OlderVersions(kind, FirstOfOurs + version))
        {
            if (await ReadAsync(PathOf(kind, older, of), cancellationToken) is { } picture)
                return picture;
        }
        return null;
    }

    /// <summary>Whole or not at all, also where two draw the same.</summary>
    public async Task WriteAsync(string kind, int version, Sha256Digest of, byte[] picture, CancellationToken cancellationToken)
    {
        var path = PathOf(kind, FirstOfOurs + version, of);
        PrivateFiles.CreateDirectory(Path.GetDirectoryName(path)!);
        var unfinished = $"{path}.{Guid.NewGuid():N}";
        try
        {
            await using (var file = PrivateFiles.Open(unfinished, FileMode.CreateNew, bufferSize: 0, options: FileOptions.Asynchronous))
                await file.WriteAsync(picture, cancellationToken);
            File.Move(unfinished, path, overwrite: true);
        }
        catch
        {
            if (File.Exists(unfinished))
                File.Delete(unfinished);
            throw;
        }
    }

    /// <summary>Newest first. There are a handful of folders, whatever the number of pictures.</summary>
    private IEnumerable<int> OlderVersions(string kind, int version)
    {
        if (!Directory.Exists(data.Cache))
            return [];
        return Directory
            .EnumerateDirectories(data.Cache, kind + "_*")
            .Select(folder => Path.GetFileName(folder)[(kind.Length + 1)..])
            .Select(number => int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var older) ? older : int.MaxValue)
            .Where(older => older < version)
            .OrderDescending();
    }

    private static async Task<byte[]?> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllBytesAsync(path, cancellationToken);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private string PathOf(string kind, int number, Sha256Digest of) =>
        Path.Combine(data.Cache, string.Create(CultureInfo.InvariantCulture, $"{kind}_{number}"), $"{of}.html");
}
