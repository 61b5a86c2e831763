using Builder.Storage.Database;
using Builder.Storage.Files;

namespace Builder.Storage.Maintenance;

/// <summary>What the parts of a verification share: the directory, whether to repair, and how far it is.</summary>
internal sealed class Verification(BuilderStorage storage, bool repair, IProgress<VerificationProgress>? progress)
{
    private long done;
    private long bytes;

    public BuilderDatabase Database => storage.Database;

    public DataDirectory Directory => storage.Directory;

    public DurableFiles Files { get; } = new();

    public bool Repair => repair;

    /// <summary>Artifacts and builds that are to be looked at.</summary>
    public long Total { get; set; }

    public void CountBytes(long count) => bytes += count;

    public void CountOne()
    {
        done++;
        progress?.Report(new VerificationProgress(done, bytes, Math.Max(Total, done)));
    }

    /// <summary>What looks wrong is looked at again while nobody else writes: others work meanwhile.</summary>
    public Task<Finding?> UnderLockAsync(Func<DatabaseSession, Task<Finding?>> look, CancellationToken cancellationToken) =>
        Database.WriteAsync(look, cancellationToken);

    /// <summary>With repairs on: moves a file, directory or link out of the way, to where the operator finds it.</summary>
    public Finding PutAside(Finding finding, string path)
    {
        if (!Repair)
            return finding;
        return finding with { Repaired = $"moved to {PutAside(path)}" };
    }

    /// <returns>Where it lies now.</returns>
    public string PutAside(string path)
    {
        var target = Path.Combine(Directory.Root, DataDirectoryVerifier.LostFolder, $"{Guid.NewGuid():N}-{Path.GetFileName(path)}");
        Files.CreateDirectory(Path.GetDirectoryName(target)!);
        Files.Move(path, target);
        return Relative(target);
    }

    public string Relative(string path) => Path.GetRelativePath(Directory.Root, path);
}
