using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Builder.Posix;

/// <summary>Makes what was written into a file durable.</summary>
public static partial class DurableFile
{
    /// <summary>
    /// fdatasync(2): contents, and what is needed to read them, but no times. Into a file whose length does not change it costs one write of the disk where
    /// fsync(2) costs several.
    /// </summary>
    /// <exception cref="IOException">The file system refuses.</exception>
    public static void FlushData(SafeFileHandle file)
    {
        if (SyncData(file) != 0)
            throw new IOException($"cannot make a file durable: {Marshal.GetLastPInvokeErrorMessage()}", Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int SyncData(SafeFileHandle file);
}
