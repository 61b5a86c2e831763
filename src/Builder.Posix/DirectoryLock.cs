using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Builder.Posix;

/// <summary>
/// A lock on a directory itself (flock(2)), without a file that would lie in it: shared by those who use the directory, or held alone by one who
/// rebuilds it. It ends with the process.
/// </summary>
public sealed partial class DirectoryLock : IDisposable
{
    private const int Shared = 1;
    private const int Alone = 2;
    private const int AtOnce = 4;
    private const int Release = 8;

    private readonly SafeFileHandle handle;

    private DirectoryLock(SafeFileHandle handle) => this.handle = handle;

    private static int CloseOnExec => OperatingSystem.IsFreeBSD() ? 0x100000 : 0x80000;

    private static int WouldBlock => OperatingSystem.IsFreeBSD() ? 35 : 11;

    /// <summary>Null where another program holds the directory alone. File systems without locks are taken as they are.</summary>
    public static DirectoryLock? TryShare(string path) => TryTake(path, Shared);

    /// <summary>Null where another program uses the directory.</summary>
    public static DirectoryLock? TryTakeAlone(string path) => TryTake(path, Alone);

    /// <summary>
    /// Releases the lock itself and not the descriptor alone: a process that is just being started elsewhere in this program holds a copy of the
    /// descriptor until its exec(2).
    /// </summary>
    public void Dispose()
    {
        if (!handle.IsClosed)
            _ = Lock(handle, Release);
        handle.Dispose();
    }

    private static DirectoryLock? TryTake(string path, int kind)
    {
        var handle = Open(path, CloseOnExec);
        if (handle.IsInvalid)
        {
            handle.Dispose();
            throw new IOException($"cannot open the directory {path}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
        if (Lock(handle, kind | AtOnce) == 0 || Marshal.GetLastPInvokeError() != WouldBlock)
            return new DirectoryLock(handle);
        handle.Dispose();
        return null;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Lock(SafeFileHandle handle, int operation);
}
