using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Builder.Worker.Native;

/// <summary>
/// What .NET does not offer: starting a process in its own session with nothing inherited, wait statuses as the kernel
/// gives them, file names of any bytes. Layouts are those of 64-bit Linux.
/// </summary>
internal static unsafe partial class Posix
{
    public const int SIGKILL = 9;
    public const int SIGTERM = 15;
    public const int SIGSTOP = 19;

    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int EINTR = 4;
    public const int ECHILD = 10;
    public const int EAGAIN = 11;
    public const int ENOTDIR = 20;

    public const int O_RDONLY = 0;
    public const int O_WRONLY = 1;
    public const int O_NONBLOCK = 0x800;
    public const int O_CLOEXEC = 0x80000;
    public static readonly int O_DIRECTORY = IsArm ? 0x4000 : 0x10000;
    public static readonly int O_NOFOLLOW = IsArm ? 0x8000 : 0x20000;

    private const int PR_SET_DUMPABLE = 4;
    private const int PR_SET_CHILD_SUBREAPER = 36;
    private const int F_SETFD = 2;
    private const int FD_CLOEXEC = 1;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    /// <summary>An error of the C library with what was tried.</summary>
    public static IOException Error(string what, int errno) => new($"{what}: {new Win32Exception(errno).Message}");

    public static IOException LastError(string what) => Error(what, Marshal.GetLastPInvokeError());

    /// <summary>A NUL-terminated copy of <paramref name="bytes"/> for the calls below.</summary>
    public static byte[] Terminated(ReadOnlySpan<byte> bytes)
    {
        var copy = new byte[bytes.Length + 1];
        bytes.CopyTo(copy);
        return copy;
    }

    public static byte[] Terminated(string text) => Terminated(Encoding.UTF8.GetBytes(text));

    /// <summary>Orphans below this process become its children, so that none of them can get away.</summary>
    public static void BecomeSubreaper()
    {
        if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
            throw LastError("cannot become the reaper of orphaned processes");
    }

    /// <summary>Other processes of the same user may look neither into the memory nor into the environment of this one.</summary>
    public static void HideFromOtherProcesses()
    {
        if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
            throw LastError("cannot hide the memory of this process from others");
    }

    /// <summary>Marks every descriptor but the standard ones, so that no program started later inherits it.</summary>
    public static void CloseDescriptorsOnExec()
    {
        foreach (var entry in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
        {
            if (int.TryParse(Path.GetFileName(entry), out var descriptor) && descriptor > 2)
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC); // the descriptor of this very listing is gone by now
        }
    }

    /// <summary>
    /// Gives this thread, and what it starts from now on, a new session keyring: keys that one job leaves in the kernel would
    /// else be there for the next. A kernel without keyrings has nothing to leave.
    /// </summary>
    public static void RenewSessionKeyring()
    {
        const int KEYCTL_JOIN_SESSION_KEYRING = 1;
        _ = syscall(IsArm ? 219 : 250, KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0);
    }

    /// <summary>
    /// Makes this thread another user's, without any capability or a way back to one; what it starts is that user's too. The C library's
    /// functions would change all threads (credentials(7)).
    /// </summary>
    /// <exception cref="IOException">It could not be done; this thread must start nothing then.</exception>
    public static void BecomeUserOnThisThread(uint user)
    {
        const int PR_CAPBSET_DROP = 24;
        const int PR_SET_NO_NEW_PRIVS = 38;
        const uint CapabilityVersion = 0x20080522;

        for (nuint capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; capability++) { }
        var header = stackalloc uint[] { CapabilityVersion, 0 };
        var none = stackalloc uint[6];
        if (
            syscall(IsArm ? 159 : 116, 0, 0, 0, 0, 0) != 0 // setgroups
            || syscall(IsArm ? 149 : 119, (nint)user, (nint)user, (nint)user, 0, 0) != 0 // setresgid
            || syscall(IsArm ? 147 : 117, (nint)user, (nint)user, (nint)user, 0, 0) != 0 // setresuid
            || syscall(IsArm ? 91 : 126, (nint)header, (nint)none, 0, 0, 0) != 0 // capset
            || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
        )
        {
            throw LastError($"cannot become user {user}");
        }
    }

    /// <summary>Sets a limit of another process of the same user (prlimit(2)).</summary>
    /// <returns>False where its limit is lower already, or it is gone.</returns>
    public static bool TrySetLimit(int process, int resource, long value)
    {
        var limit = stackalloc ulong[] { (ulong)value, (ulong)value };
        return prlimit(process, resource, limit, null) == 0;
    }

    /// <summary>A pipe without a name, both ends closed in programs that are started.</summary>
    public static (SafeFileHandle Reader, SafeFileHandle Writer) Pipe()
    {
        var pair = stackalloc int[2];
        if (pipe2(pair, O_CLOEXEC) != 0)
            throw LastError("cannot make a pipe");
        return (new SafeFileHandle(pair[0], ownsHandle: true), new SafeFileHandle(pair[1], ownsHandle: true));
    }

    /// <summary>Makes reads of this descriptor return at once.</summary>
    public static void DoNotWait(SafeFileHandle descriptor)
    {
        const int F_SETFL = 4;
        if (fcntl((int)descriptor.DangerousGetHandle(), F_SETFL, O_NONBLOCK) != 0)
            throw LastError("cannot prepare a pipe");
    }

    /// <summary>For a thread of its own that has nothing to wait for but time.</summary>
    public static void Pause(int milliseconds) => _ = poll(null, 0, milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int mkdir(byte[] path, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int chown(byte[] path, uint user, uint group);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int pipe2(int* descriptors, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint write(SafeFileHandle descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial uint geteuid();

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint readlinkat(SafeFileHandle directory, byte[] path, byte* buffer, nuint size);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int umount2(byte[] path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int ioctl(SafeFileHandle descriptor, nuint request, int* argument);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int open(byte[] path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int openat(SafeFileHandle directory, byte[] path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int flock(SafeFileHandle file, int operation);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int poll(PollDescriptor* descriptors, nuint count, int timeoutMilliseconds);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint read(SafeFileHandle descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int unlinkat(SafeFileHandle directory, byte[] path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int renameat(SafeFileHandle fromDirectory, byte[] from, SafeFileHandle toDirectory, byte[] to);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fchmodat(SafeFileHandle directory, byte[] path, uint mode, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint opendir(byte[] path);

    [LibraryImport("libc", SetLastError = true)]
    public static partial byte* readdir(nint directory);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int closedir(nint directory);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int statx(int directory, byte[] path, int flags, uint mask, StatX* result);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int socketpair(int domain, int type, int protocol, int* pair);

    [LibraryImport("libc", SetLastError = true)]
    public static partial uint umask(uint mask);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int waitid(int kind, int id, ChildInfo* info, int options);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int wait4(int pid, int* status, int options, ResourceCounters* usage);

    [LibraryImport("libc")]
    public static partial int posix_spawn(int* pid, byte* path, void* fileActions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_init(void* attributes);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_destroy(void* attributes);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setflags(void* attributes, short flags);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setsigdefault(void* attributes, void* signals);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setsigmask(void* attributes, void* signals);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_init(void* actions);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_destroy(void* actions);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_addopen(void* actions, int descriptor, byte* path, int flags, uint mode);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_adddup2(void* actions, int from, int to);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_addchdir_np(void* actions, byte* path);

    [LibraryImport("libc")]
    public static partial int sigemptyset(void* signals);

    [LibraryImport("libc")]
    public static partial int sigfillset(void* signals);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prctl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fcntl(int descriptor, int command, int argument);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint sendmsg(nint socket, MessageHeader* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint recvmsg(nint socket, MessageHeader* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prlimit(int pid, int resource, ulong* newLimit, ulong* oldLimit);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint a, nint b, nint c, nint d, nint e);

    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }

    /// <summary><c>struct msghdr</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public nint Name;
        public nint NameLength;
        public Segment* Segments;
        public nint SegmentCount;
        public byte* Control;
        public nint ControlLength;
        public int Flags;
    }

    /// <summary><c>struct iovec</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Segment
    {
        public byte* Start;
        public nint Length;
    }

    /// <summary><c>struct statx</c>, the parts that are read.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    public struct StatX
    {
        [FieldOffset(16)]
        public uint Links;

        [FieldOffset(20)]
        public uint User;

        [FieldOffset(24)]
        public uint Group;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(48)]
        public ulong Blocks;

        [FieldOffset(96)]
        public long ChangedSeconds;

        [FieldOffset(104)]
        public uint ChangedNanoseconds;

        [FieldOffset(112)]
        public long ModifiedSeconds;

        [FieldOffset(120)]
        public uint ModifiedNanoseconds;

        [FieldOffset(128)]
        public uint SpecialMajor;

        [FieldOffset(132)]
        public uint SpecialMinor;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }

    /// <summary><c>siginfo_t</c>, the part that is read.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    public struct ChildInfo
    {
        [FieldOffset(16)]
        public int Pid;
    }

    /// <summary><c>struct rusage</c>.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 144)]
    public struct ResourceCounters
    {
        [FieldOffset(0)]
        public long UserSeconds;

        [FieldOffset(8)]
        public long UserMicroseconds;

        [FieldOffset(16)]
        public long SystemSeconds;

        [FieldOffset(24)]
        public long SystemMicroseconds;

        [FieldOffset(32)]
        public long PeakMemoryKibibytes;

        [FieldOffset(96)]
        public long BlocksWritten;
    }
}
