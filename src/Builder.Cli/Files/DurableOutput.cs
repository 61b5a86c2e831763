using Builder.Posix;

namespace Builder.Cli.Files;

/// <summary>A file that appears under its name only when all of it is on disk; a pipe or device is written to as it is.</summary>
internal static class DurableOutput
{
    public static async Task WriteAsync(string path, Func<Stream, Task> write, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path))
            throw new IOException($"cannot write \"{path}\": it is a directory");
        if (await WriteToDeviceAsync(path, write))
            return;
        // A link stays a link.
        var file = new FileInfo(path);
        var target = file.LinkTarget is null ? file.FullName : file.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
        var unfinished = $"{target}.{Path.GetRandomFileName()}";
        try
        {
            await using (var stream = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                await write(stream);
                await stream.FlushAsync(cancellationToken);
                RandomAccess.FlushToDisk(stream.SafeFileHandle);
            }
            File.Move(unfinished, target, overwrite: true);
            DurableDirectory.Flush(Path.GetDirectoryName(target)!);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    private static async Task<bool> WriteToDeviceAsync(string path, Func<Stream, Task> write)
    {
        if (!File.Exists(path))
            return false;
        await using var existing = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        if (existing.CanSeek && !Path.GetFullPath(path).StartsWith("/dev/", StringComparison.Ordinal))
            return false;
        await write(existing);
        return true;
    }
}
