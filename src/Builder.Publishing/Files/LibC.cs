using System.Runtime.InteropServices;

namespace Builder.Publishing.Files;

/// <summary>What a crash-safe switch of directories needs and .NET does not offer.</summary>
internal static partial class LibC
{
    public const int ReadOnly = 0;

    /// <summary><c>O_CLOEXEC</c> of Linux and of FreeBSD.</summary>
    public static int CloseOnExec { get; } = OperatingSystem.IsFreeBSD() ? 0x100000 : 0x80000;

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int Link(string existing, string created);

    [LibraryImport("libc", EntryPoint = "symlink", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int SymbolicLink(string target, string created);

    [LibraryImport("libc", EntryPoint = "rename", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int Rename(string from, string to);
}
