using System.Globalization;
using System.Text;

namespace Builder.Analysis.Difference.Containers;

/// <summary>cpio "newc" (cpio(5)): a header of 110 hexadecimal characters, the name, the content, each padded to four bytes.</summary>
internal static class CpioReader
{
    private const int HeaderLength = 110;
    private const int MaxName = 4096;
    private const string TimeFix = "Set the times of all files to SOURCE_DATE_EPOCH before cpio runs (touch -hd @$SOURCE_DATE_EPOCH).";
    private const string OwnerFix = "Run cpio with --owner=0:0 and --reproducible.";

    public static bool IsMagic(ReadOnlySpan<byte> start) => start.StartsWith("070701"u8) || start.StartsWith("070702"u8);

    /// <exception cref="InvalidDataException">Truncated, or a header that is none.</exception>
    public static List<ArchiveMember> Read(Content archive, DifferenceContext context)
    {
        var members = new List<ArchiveMember>();
        for (long offset = 0; offset < archive.Length; )
        {
            var header = archive.Read(offset, HeaderLength);
            if (header.Length < HeaderLength || !IsMagic(header))
                throw new InvalidDataException($"the cpio archive has no header at offset {offset}");
            var (size, nameLength) = (Field(header, 6), Field(header, 11));
            if (nameLength is 0 or > MaxName)
                throw new InvalidDataException($"the cpio archive has a name of {nameLength} bytes");
            var name = Encoding.UTF8.GetString(archive.Read(offset + HeaderLength, (int)nameLength)).TrimEnd('\0');
            if (name == "TRAILER!!!")
                break;
            context.CountMembers(1);
            var start = Align(offset + HeaderLength + nameLength);
            if (size > archive.Length - start)
                throw new InvalidDataException($"the cpio archive ends within \"{name}\"");
            var content = archive.Section(Path.GetFileName(name), start, size);
            var type = Type(Field(header, 1));
            members.Add(
                new ArchiveMember(
                    name,
                    type,
                    type == "symbolic link" ? archive.Section(name, start, 0) : content,
                    Fields(header, type, content)
                )
            );
            offset = Align(start + size);
        }
        return members;
    }

    private static long Align(long offset) => (offset + 3) & ~3L;

    private static long Field(byte[] header, int index) =>
        uint.TryParse(
            Encoding.ASCII.GetString(header, 6 + (index * 8), 8),
            NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture,
            out var value
        )
            ? value
            : throw new InvalidDataException("the cpio archive has a field that is not a number");

    private static List<MemberField> Fields(byte[] header, string type, Content content)
    {
        var fields = new List<MemberField>
        {
            new("modification time", MemberField.Time(Field(header, 5)), CauseKind.Timestamp, TimeFix),
            new("mode", MemberField.Octal(Field(header, 1)), CauseKind.FileMetadata),
            new("owner", Number(Field(header, 2)), CauseKind.FileMetadata, OwnerFix),
            new("group", Number(Field(header, 3)), CauseKind.FileMetadata, OwnerFix),
            new(
                "inode",
                Number(Field(header, 0)),
                CauseKind.FileMetadata,
                "Run cpio with --reproducible (it renumbers inodes and ignores devices)."
            ),
            new("links", Number(Field(header, 4)), CauseKind.FileMetadata),
            new(
                "device",
                $"{Field(header, 7)}:{Field(header, 8)}",
                CauseKind.FileMetadata,
                "Run cpio with --reproducible (it renumbers inodes and ignores devices)."
            ),
            new("special device", $"{Field(header, 9)}:{Field(header, 10)}", CauseKind.Content),
        };
        if (type == "symbolic link")
            fields.Add(new MemberField("link target", Encoding.UTF8.GetString(content.Read(0, MaxName)), null));
        return fields;
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Type(long mode) =>
        (mode & 0xF000) switch
        {
            0x4000 => "directory",
            0xA000 => "symbolic link",
            0x2000 => "character device",
            0x6000 => "block device",
            0x1000 => "named pipe",
            0xC000 => "socket",
            _ => "file",
        };
}
