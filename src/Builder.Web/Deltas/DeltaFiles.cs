using Builder.Analysis.Deltas;
using Builder.Analysis.Values;
using Builder.Posix;
using Builder.Storage.Artifacts;
using Builder.Storage.Files;
using Microsoft.Win32.SafeHandles;

namespace Builder.Web.Deltas;

/// <summary>Patches that somebody asked for, on disk: <c>_cache/delta_1/BASE_NEW.dcz</c>. An empty file: a patch would save too little.</summary>
internal sealed class DeltaFiles(DataDirectory data)
{
    /// <summary>Of all files, in bytes. Those written first go, and are made again for who asks.</summary>
    public const long MaxTotalLength = 512L << 20;

    private string Folder => Path.Combine(data.Cache, "delta_1");

    /// <summary>Null where it was never made; of length 0 where none is worth it.</summary>
    public StoredContent? Open(Sha256Digest baseDigest, Sha256Digest digest)
    {
        SafeFileHandle handle;
        try
        {
            handle = File.OpenHandle(PathOf(baseDigest, digest), share: FileShare.Read | FileShare.Delete);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        var stream = new FileStream(handle, FileAccess.Read, bufferSize: 0);
        return new StoredContent(stream, stream.Length);
    }

    /// <summary>Whole or not at all.</summary>
    public void Write(Sha256Digest baseDigest, Sha256Digest digest, NativeBytes? delta)
    {
        var path = PathOf(baseDigest, digest);
        PrivateFiles.CreateDirectory(Folder);
        var unfinished = $"{path}.{Guid.NewGuid():N}";
        try
        {
            using (var file = PrivateFiles.Open(unfinished, FileMode.CreateNew, bufferSize: 0))
            {
                if (delta is not null)
                    file.Write(delta.Span);
            }
            File.Move(unfinished, path, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
        RemoveOldest();
    }

    private void RemoveOldest()
    {
        var total = 0L;
        foreach (var file in new DirectoryInfo(Folder).EnumerateFiles().OrderByDescending(static file => file.LastWriteTimeUtc))
        {
            // Empty ones cost a block, too.
            total += file.Length + 4096;
            if (total > MaxTotalLength)
                file.Delete();
        }
    }

    private string PathOf(Sha256Digest baseDigest, Sha256Digest digest) => Path.Combine(Folder, $"{baseDigest}_{digest}.dcz");
}
