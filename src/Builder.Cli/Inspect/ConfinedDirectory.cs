using System.Runtime.InteropServices;
using Builder.Cli.Errors;
using Builder.Protocol.Text;
using Builder.Protocol.Values;
using Microsoft.Win32.SafeHandles;

namespace Builder.Cli.Inspect;

/// <summary>
/// Creates files below one directory and nowhere else, whatever the paths say and whatever symbolic links lie about: each segment is
/// opened relative to the one before without following links, and no existing file is written to.
/// </summary>
internal sealed partial class ConfinedDirectory : IDisposable
{
    private const int ReadWriteForUser = 0x1b6; // 0666, cut by the umask
    private const int AllForUser = 0x1ff; // 0777, cut by the umask
    private const int AlreadyExists = 17;

    private readonly string name;
    private readonly SafeFileHandle root;

    public ConfinedDirectory(string name)
    {
        this.name = name;
        Directory.CreateDirectory(name);
        root = Checked(open(Encode(name), Flags.Directory | Flags.CloseOnExec), name);
    }

    /// <summary>An empty file of that path, and the directories it needs.</summary>
    /// <exception cref="CommandException">There is a file or a symbolic link in the way.</exception>
    public FileStream Create(ArtifactPath path)
    {
        var segments = path.Bytes.Span.ToArray().AsSpan();
        var opened = new List<SafeFileHandle>();
        try
        {
            var directory = root;
            for (var slash = segments.IndexOf((byte)'/'); slash >= 0; slash = segments.IndexOf((byte)'/'))
            {
                directory = Enter(directory, Terminated(segments[..slash]), path);
                opened.Add(directory);
                segments = segments[(slash + 1)..];
            }
            var file = openat(directory, Terminated(segments), Flags.CreateNew | Flags.NoFollow | Flags.CloseOnExec, ReadWriteForUser);
            return new FileStream(Checked(file, Shown(path)), FileAccess.Write, bufferSize: 0);
        }
        finally
        {
            opened.ForEach(handle => handle.Dispose());
        }
    }

    public void Dispose() => root.Dispose();

    private SafeFileHandle Enter(SafeFileHandle directory, byte[] segment, ArtifactPath path)
    {
        if (mkdirat(directory, segment, AllForUser) < 0 && Marshal.GetLastPInvokeError() != AlreadyExists)
            throw Failure(Shown(path));
        return Checked(openat(directory, segment, Flags.Directory | Flags.NoFollow | Flags.CloseOnExec, 0), Shown(path));
    }

    private string Shown(ArtifactPath path) => Path.Combine(name, VisibleText.Line(path.ToString()));

    private static SafeFileHandle Checked(int descriptor, string what) =>
        descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Failure(what);

    private static CommandException Failure(string what) =>
        new($"{what}: cannot be created: {Marshal.GetLastPInvokeErrorMessage()}; give a directory that is empty or not there yet");

    private static byte[] Encode(string path) => Terminated(System.Text.Encoding.UTF8.GetBytes(path));

    private static byte[] Terminated(ReadOnlySpan<byte> bytes) => [.. bytes, 0];

    [LibraryImport("libc", SetLastError = true)]
    private static partial int open(byte[] path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int openat(SafeFileHandle directory, byte[] path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mkdirat(SafeFileHandle directory, byte[] path, int mode);

    /// <summary>Of open(2): they differ between systems, and on Linux between processors.</summary>
    private static class Flags
    {
        private static readonly bool IsLinux = OperatingSystem.IsLinux();
        private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

        public static readonly int CreateNew = 1 | (IsLinux ? 0x40 | 0x80 : 0x200 | 0x800);
        public static readonly int NoFollow = IsLinux ? (IsArm ? 0x8000 : 0x20000) : 0x100;
        public static readonly int Directory =
            IsLinux ? (IsArm ? 0x4000 : 0x10000)
            : OperatingSystem.IsFreeBSD() ? 0x20000
            : 0x100000;
        public static readonly int CloseOnExec =
            IsLinux ? 0x80000
            : OperatingSystem.IsFreeBSD() ? 0x100000
            : 0x1000000;
    }
}
