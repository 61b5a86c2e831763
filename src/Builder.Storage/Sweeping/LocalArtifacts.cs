using Builder.Analysis.Values;
using Builder.Posix;
using Builder.Storage.Artifacts;
using Builder.Storage.Files;

namespace Builder.Storage.Sweeping;

/// <summary>Hands out artifacts as files: where one is stored in another form, a copy that is removed after use.</summary>
public sealed class LocalArtifacts(DataDirectory directory, IArtifactStore store, TimeProvider clock)
{
    private static readonly TimeSpan SweepTime = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromDays(1);
    private const int MaxAttempts = 100;

    /// <summary>A file named by its SHA-256. Where the content is not stored any more, its path leads to nothing.</summary>
    /// <exception cref="DamagedContentException">It is not what its hash says.</exception>
    public async Task<LocalArtifact> AcquireAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        var path = directory.OfArtifact(digest);
        var held = await HoldAsync(cancellationToken);
        try
        {
            if (File.Exists(path) || await store.OpenAsync(digest, cancellationToken) is not { } content)
                return new LocalArtifact(path, held, folder: null);
            // The copy is nobody's but the caller's.
            held?.Dispose();
            held = null;
            await using (content)
            {
                var folder = CreateFolder();
                try
                {
                    var copy = Path.Combine(folder, digest.ToString());
                    await using (var file = PrivateFiles.Open(copy, FileMode.CreateNew, options: FileOptions.Asynchronous))
                        await content.Stream.CopyToAsync(file, cancellationToken);
                    return new LocalArtifact(copy, held: null, folder);
                }
                catch
                {
                    Directory.Delete(folder, recursive: true);
                    throw;
                }
            }
        }
        catch
        {
            held?.Dispose();
            throw;
        }
    }

    /// <summary>Who deletes files waits for those who read them by path, as for a backup.</summary>
    private async Task<IDisposable?> HoldAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            if (BackupLock.TryTake(directory, isBackup: true) is { } held)
                return held;
            await Task.Delay(SweepTime, clock, cancellationToken);
        }
        return null;
    }

    private string CreateFolder()
    {
        PrivateFiles.CreateDirectory(directory.Unpacked);
        foreach (var left in new DirectoryInfo(directory.Unpacked).GetDirectories())
        {
            if (clock.GetUtcNow() - left.LastWriteTimeUtc > AbandonedAfter)
                left.Delete(recursive: true);
        }
        var folder = Path.Combine(directory.Unpacked, $"{Guid.NewGuid():N}");
        PrivateFiles.CreateDirectory(folder);
        return folder;
    }
}
