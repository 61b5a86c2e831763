using System.ComponentModel;
using System.Runtime.InteropServices;
using Builder.Posix;
using Microsoft.Win32.SafeHandles;

namespace Builder.Server.State;

/// <summary>
/// A file that is appended to and synced each time. Room is taken ahead of the end, in zeros, so that a sync has only data to write and
/// not the file's new length too; whoever reads it takes zeros after the last record for such room.
/// </summary>
internal sealed partial class LogFile : IDisposable
{
    private const long Room = 1 << 20;

    private readonly SafeFileHandle handle;
    private long taken;

    /// <param name="length">What is to stay of the file; the rest is cut off.</param>
    public LogFile(string path, long length)
    {
        handle = PrivateFiles.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        RandomAccess.SetLength(handle, length);
        RandomAccess.FlushToDisk(handle);
        End = taken = length;
    }

    /// <summary>A new log with its head; what stood there is overwritten.</summary>
    /// <exception cref="IOException">The disk is full, for example.</exception>
    public static LogFile Begin(string path, JournalFileHeader header)
    {
        var log = new LogFile(path, length: 0);
        try
        {
            log.Append(header.Encode());
            return log;
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>Where the next bytes come.</summary>
    public long End { get; private set; }

    /// <summary>Appends, and returns when it is on disk. After an exception <see cref="End"/> is where it was: it can be tried again.</summary>
    /// <exception cref="IOException">The disk is full, for example.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (End + bytes.Length > taken)
            TakeRoom(bytes.Length);
        RandomAccess.Write(handle, bytes, End);
        Sync();
        End += bytes.Length;
    }

    /// <summary>Gives back the room that is left.</summary>
    public void Dispose()
    {
        if (taken > End)
            RandomAccess.SetLength(handle, End);
        handle.Dispose();
    }

    /// <summary>Where there is no room, or a file system cannot take it ahead, writing will tell, or do without.</summary>
    private void TakeRoom(int needed)
    {
        var room = needed + Room;
        taken = TryTake(End, room) ? End + room : End + needed;
    }

    private bool TryTake(long offset, long length)
    {
        if (OperatingSystem.IsLinux())
            return Allocate(handle, 0, offset, length) == 0;
        return OperatingSystem.IsFreeBSD() && AllocatePortably(handle, offset, length) == 0;
    }

    private void Sync()
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsFreeBSD())
            RandomAccess.FlushToDisk(handle);
        else if (SyncData(handle) != 0)
            throw new IOException(new Win32Exception(Marshal.GetLastPInvokeError()).Message);
    }

    // Not posix_fallocate, which glibc makes up, slowly, where the file system has no such thing.
    [LibraryImport("libc", EntryPoint = "fallocate64", SetLastError = true)]
    private static partial int Allocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    private static partial int AllocatePortably(SafeFileHandle file, long offset, long length);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int SyncData(SafeFileHandle file);
}
