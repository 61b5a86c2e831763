using System.ComponentModel;
using System.Runtime.InteropServices;
using Builder.Posix;

namespace Builder.Server.Files;

/// <summary>Files that are there after a power cut: synced, renamed into place, and their directory synced.</summary>
internal static partial class DurableFiles
{
    private const int ReadOnly = 0;

    /// <summary>Writes a temporary file next to <paramref name="path"/> and renames it over it.</summary>
    public static void Replace(string path, Action<Stream> write)
    {
        var temporary = path + ".tmp";
        using (var stream = PrivateFiles.Open(temporary, FileMode.Create, bufferSize: 64 * 1024))
        {
            write(stream);
            stream.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
        SyncDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Makes a rename, a creation or a removal in the directory last.</summary>
    public static void SyncDirectory(string directory)
    {
        var descriptor = Open(directory, ReadOnly | CloseOnExec);
        if (descriptor < 0)
            throw new IOException($"{directory} cannot be opened to sync it", new Win32Exception(Marshal.GetLastPInvokeError()));
        try
        {
            if (Sync(descriptor) != 0)
                throw new IOException($"{directory} cannot be synced", new Win32Exception(Marshal.GetLastPInvokeError()));
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static int CloseOnExec =>
        OperatingSystem.IsFreeBSD() ? 0x100000
        : OperatingSystem.IsMacOS() ? 0x1000000
        : 0x80000;

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
