using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Builder.Posix;

/// <summary>Whose a file is. Root makes files for a program that runs as another user, which must be able to read and move them.</summary>
public static unsafe partial class FileOwner
{
    private const int RelativeToHere = -100;
    private const uint OwnerAndGroup = 0x8 | 0x10;

    /// <summary>Makes <paramref name="path"/> belong to whom <paramref name="example"/> belongs to. Only root can, and only root needs to.</summary>
    /// <exception cref="IOException">It cannot be done.</exception>
    public static void CopyTo(string path, string example)
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
            return;
        Status status;
        if (Look(RelativeToHere, example, 0, OwnerAndGroup, &status) != 0 || Change(path, status.User, status.Group) != 0)
            throw new IOException(
                $"{path} cannot be given to the owner of {example}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}"
            );
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Look(int directory, string path, int flags, uint mask, Status* status);

    [LibraryImport("libc", EntryPoint = "chown", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Change(string path, uint user, uint group);

    /// <summary><c>struct statx</c>, the part that is read.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(20)]
        public uint User;

        [FieldOffset(24)]
        public uint Group;
    }
}
