using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Builder.Publishing.Files;

/// <summary>Changes to files that hold whatever happens next: after these return, the change survives a power cut.</summary>
internal static class Durable
{
    public static void SyncDirectory(string path)
    {
        var descriptor = LibC.Open(path, LibC.ReadOnly | LibC.CloseOnExec);
        if (descriptor < 0)
            throw Failure($"cannot open directory {path}");
        try
        {
            if (LibC.Fsync(descriptor) != 0)
                throw Failure($"cannot sync directory {path}");
        }
        finally
        {
            _ = LibC.Close(descriptor);
        }
    }

    /// <summary>Syncs every directory of a tree whose files were synced as they were written.</summary>
    public static void SyncDirectories(string root)
    {
        foreach (var directory in Directory.EnumerateDirectories(root, "*", SearchOption.AllDirectories))
            SyncDirectory(directory);
        SyncDirectory(root);
    }

    /// <summary>Writes the whole file and syncs it; not atomic, for files that nobody looks at yet.</summary>
    public static async Task WriteNewAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: false);
        await file.WriteAsync(content, cancellationToken);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Old or new content, never a part: written beside, synced, renamed over.</summary>
    public static async Task ReplaceAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var beside = $"{path}.new";
        await WriteNewAsync(beside, content, cancellationToken);
        Rename(beside, path);
        SyncDirectory(Path.GetDirectoryName(path)!);
    }

    public static void Rename(string from, string to)
    {
        if (LibC.Rename(from, to) != 0)
            throw Failure($"cannot rename {from} to {to}");
    }

    /// <summary>A second name for a file; both are equal afterwards.</summary>
    public static void HardLink(string existing, string created)
    {
        if (LibC.Link(existing, created) != 0)
            throw Failure($"cannot link {created} to {existing}");
    }

    /// <summary>The link at <paramref name="path"/> points to the old or to the new target at any moment.</summary>
    public static void ReplaceSymbolicLink(string path, string target)
    {
        var beside = $"{path}.new";
        File.Delete(beside);
        if (LibC.SymbolicLink(target, beside) != 0)
            throw Failure($"cannot make link {beside}");
        Rename(beside, path);
        SyncDirectory(Path.GetDirectoryName(path)!);
    }

    private static IOException Failure(string what)
    {
        var error = new Win32Exception(Marshal.GetLastPInvokeError());
        return new IOException($"{what}: {error.Message}", error);
    }
}
