using System.Runtime.InteropServices;

namespace Builder.Storage.Maintenance;

/// <summary>Pipes, sockets and devices, which .NET takes for files (statx(2)).</summary>
internal static unsafe partial class SpecialFiles
{
    private const int RelativeToHere = -100;
    private const int NotBehindLinks = 0x100;
    private const uint KindOnly = 1;
    private const int KindBits = 0xF000;
    private const int RegularFile = 0x8000;

    /// <param name="path">Of what is neither a directory nor a link.</param>
    public static bool IsSpecial(string path)
    {
        Status status;
        return OperatingSystem.IsLinux()
            && Look(RelativeToHere, path, NotBehindLinks, KindOnly, &status) == 0
            && (status.Mode & KindBits) != RegularFile;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Look(int directory, string path, int flags, uint mask, Status* status);

    /// <summary><c>struct statx</c>, the part that is read.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(28)]
        public ushort Mode;
    }
}
