using Builder.Posix;

namespace Builder.Publishing.Snapshots;

/// <summary>One publication at a time per repository, over processes too: others wait. The kernel frees it when its holder dies.</summary>
internal sealed class RepositoryLock : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly FileStream file;

    private RepositoryLock(FileStream file) => this.file = file;

    public static async Task<RepositoryLock> TakeAsync(string root, TimeProvider clock, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(root);
        var path = Path.Combine(root, ".lock");
        while (true)
        {
            try
            {
                return new RepositoryLock(PrivateFiles.Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite));
            }
            catch (IOException exception) when (exception is not DirectoryNotFoundException and not FileNotFoundException)
            {
                await Task.Delay(Pause, clock, cancellationToken);
            }
        }
    }

    public void Dispose() => file.Dispose();
}
