using System.Runtime.CompilerServices;
using Builder.Protocol.Values;

namespace Builder.Storage.Files;

/// <summary>Files of builds in the data directory.</summary>
internal sealed class DirectoryBuildFiles(DataDirectory directory, DurableFiles files) : IBuildFiles
{
    public ValueTask<FileStream?> OpenAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return ValueTask.FromResult<FileStream?>(
                new FileStream(
                    directory.Resolve(path),
                    FileMode.Open,
                    FileAccess.Read,
                    FileShare.ReadWrite | FileShare.Delete,
                    bufferSize: 0,
                    FileOptions.Asynchronous
                )
            );
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return ValueTask.FromResult<FileStream?>(null);
        }
    }

    public async IAsyncEnumerable<(string Name, long Length)> ListAsync(
        string folder,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await Task.CompletedTask;
        var path = new DirectoryInfo(directory.Resolve(folder));
        if (!path.Exists)
            yield break;
        foreach (var file in path.EnumerateFiles("*", SearchOption.AllDirectories))
            yield return (Path.GetRelativePath(path.FullName, file.FullName), file.Length);
    }

    public ValueTask PrepareAsync(string stagedFolder, string upload, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask PublishAsync(string stagedFolder, string upload, JobName job, BuildUuid build, CancellationToken cancellationToken)
    {
        var target = directory.OfBuild(job, build);
        files.CreateDirectory(Path.GetDirectoryName(target)!);
        files.DeleteDirectory(target);
        files.Move(stagedFolder, target);
        return ValueTask.CompletedTask;
    }

    public ValueTask DiscardAsync(string upload, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask RemoveAsync(string folder, CancellationToken cancellationToken)
    {
        var path = directory.Resolve(folder);
        files.DeleteDirectory(path);
        files.DeleteDirectoryIfEmpty(Path.GetDirectoryName(path)!);
        return ValueTask.CompletedTask;
    }
}
