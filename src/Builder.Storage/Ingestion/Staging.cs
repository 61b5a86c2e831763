using Builder.Posix;
using Builder.Storage.Files;

namespace Builder.Storage.Ingestion;

/// <summary>
/// A directory below <c>_staging</c> for one upload. The lock next to it, which ends with the process, tells the living from
/// the dead at the next start.
/// </summary>
internal sealed class Staging : IDisposable
{
    private const string LockSuffix = ".lock";

    private readonly DurableFiles files;
    private readonly FileStream living;

    private Staging(DurableFiles files, string path, FileStream living)
    {
        this.files = files;
        this.living = living;
        Path = path;
    }

    public string Path { get; }

    /// <summary>Until then it can be deleted without a look into the database. Of an upload of another process nobody knows.</summary>
    public bool MayHaveMoved { get; set; } = true;

    /// <summary>No other upload has it.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>Becomes <c>JOB/UUID</c>.</summary>
    public string Build => this["build"];

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public static Staging Create(DataDirectory directory, DurableFiles files)
    {
        files.CreateDirectory(directory.Staging);
        var path = System.IO.Path.Combine(directory.Staging, Guid.NewGuid().ToString("D"));
        var staging = new Staging(files, path, Lock(path)) { MayHaveMoved = false };
        try
        {
            files.CreateDirectory(staging.Build);
            return staging;
        }
        catch
        {
            staging.Dispose();
            throw;
        }
    }

    /// <summary>Those whose upload ended without tidying up, each locked against others who clean.</summary>
    public static IEnumerable<Staging> Abandoned(DataDirectory directory, DurableFiles files)
    {
        if (!Directory.Exists(directory.Staging))
            yield break;
        var paths = Directory
            .EnumerateFileSystemEntries(directory.Staging)
            .Select(entry => entry.EndsWith(LockSuffix, StringComparison.Ordinal) ? entry[..^LockSuffix.Length] : entry)
            .Distinct();
        foreach (var path in paths.ToList())
        {
            if (TryLock(path) is { } living)
                yield return new Staging(files, path, living);
        }
    }

    public void Delete()
    {
        files.DeleteDirectory(Path, isDurable: false);
        if (File.Exists(Path))
            files.DeleteFile(Path);
    }

    public void Dispose() => living.Dispose();

    private static FileStream? TryLock(string path)
    {
        try
        {
            return Lock(path);
        }
        catch (IOException)
        {
            // Its upload is under way in some process.
            return null;
        }
    }

    private static FileStream Lock(string path) =>
        PrivateFiles.Open(path + LockSuffix, FileMode.OpenOrCreate, options: FileOptions.DeleteOnClose);
}
