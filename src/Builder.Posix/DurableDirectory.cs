using System.Runtime.InteropServices;

namespace Builder.Posix;

/// <summary>Makes the names in a directory durable: a file that was renamed into it keeps its new name after a power failure.</summary>
public static partial class DurableDirectory
{
    /// <exception cref="IOException">The directory cannot be opened, or the file system refuses.</exception>
    public static void Flush(string path)
    {
        var descriptor = Open(path, 0);
        if (descriptor < 0)
            throw new IOException(
                $"cannot open the directory '{path}': {Marshal.GetLastPInvokeErrorMessage()}",
                Marshal.GetLastPInvokeError()
            );
        try
        {
            if (Fsync(descriptor) != 0)
                throw new IOException(
                    $"cannot make changes in the directory '{path}' durable: {Marshal.GetLastPInvokeErrorMessage()}",
                    Marshal.GetLastPInvokeError()
                );
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
