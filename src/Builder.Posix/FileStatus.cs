using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Builder.Posix;

/// <summary>
/// Which file it is and when it was last changed, as the file system says. Two equal values mean that nobody has written to the file through
/// the file system in between: the change time (ctime) can be set by no program.
/// </summary>
/// <param name="ModifiedNanoseconds">Of the contents, since 1970.</param>
/// <param name="ChangedNanoseconds">Of contents, mode, owner or names, since 1970; where the system does not tell, that of the contents.</param>
public readonly unsafe partial record struct FileStatus(
    ulong Device,
    ulong Inode,
    long Size,
    long ModifiedNanoseconds,
    long ChangedNanoseconds
)
{
    private const int EmptyPath = 0x1000;
    private const uint BasicStatistics = 0x7ff;

    /// <exception cref="IOException">The system does not tell.</exception>
    public static FileStatus Of(SafeFileHandle handle)
    {
        if (!OperatingSystem.IsLinux())
            return WithoutChangeTime(handle);
        StatusBuffer status;
        return Look(handle, "", EmptyPath, BasicStatistics, &status) == 0
            ? new FileStatus(
                ((ulong)status.DeviceMajor << 32) | status.DeviceMinor,
                status.Inode,
                (long)status.Size,
                status.Modified.Nanoseconds,
                status.Changed.Nanoseconds
            )
            : throw new IOException($"cannot tell the state of an open file: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    private static FileStatus WithoutChangeTime(SafeFileHandle handle)
    {
        var modified = (File.GetLastWriteTimeUtc(handle) - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        return new FileStatus(0, 0, RandomAccess.GetLength(handle), modified, modified);
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Look(SafeFileHandle directory, string path, int flags, uint mask, StatusBuffer* status);

    [StructLayout(LayoutKind.Sequential)]
    private struct StatusTime
    {
        private readonly long seconds;
        private readonly uint nanoseconds;
        private readonly int reserved;

        public readonly long Nanoseconds => (seconds * 1_000_000_000) + nanoseconds;
    }

    /// <summary><c>struct statx</c> of statx(2), the part that is read.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatusBuffer
    {
        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(96)]
        public StatusTime Changed;

        [FieldOffset(112)]
        public StatusTime Modified;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
