using System.Runtime.InteropServices;

namespace Builder.Posix;

/// <summary>What a name in a directory stands for, and whose it is; a link is itself, not what it leads to (statx(2)).</summary>
/// <param name="User">The owner's number.</param>
/// <param name="Group">The group's number.</param>
public readonly unsafe partial record struct EntryStatus(EntryType Type, uint User, uint Group)
{
    private const int RelativeToHere = -100;
    private const int NotBehindLinks = 0x100;
    private const uint TypeAndOwner = 0x1 | 0x8 | 0x10;
    private const int TypeBits = 0xF000;

    /// <returns>Null where there is no such name, and on systems other than Linux.</returns>
    public static EntryStatus? Of(string path)
    {
        Status status;
        return OperatingSystem.IsLinux() && Look(RelativeToHere, path, NotBehindLinks, TypeAndOwner, &status) == 0
            ? new EntryStatus((EntryType)(status.Mode & TypeBits), status.User, status.Group)
            : null;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Look(int directory, string path, int flags, uint mask, Status* status);

    /// <summary><c>struct statx</c>, the part that is read.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(20)]
        public uint User;

        [FieldOffset(24)]
        public uint Group;

        [FieldOffset(28)]
        public ushort Mode;
    }
}
