using System.Buffers.Binary;
using System.IO.Compression;
using Builder.Analysis.Difference.Causes;

namespace Builder.Analysis.Difference.Containers;

/// <summary>
/// Members of a zip archive (APPNOTE 6.3.10) from its central directory, in its order, with the raw fields of central and local headers. Zip64 too.
/// Members whose bytes overlap are refused: honest archives have none.
/// </summary>
internal static class ZipReader
{
    private const int EndLength = 22;
    private const int CentralLength = 46;
    private const int LocalLength = 30;

    /// <exception cref="InvalidDataException">Truncated, lying or overlapping headers.</exception>
    public static List<ArchiveMember> Read(Content archive, DifferenceContext context, out string comment)
    {
        var end = ZipEnd.Find(archive, EndLength);
        comment = end.Comment;
        var directory = archive.Section("central directory", end.DirectoryStart, end.DirectoryLength);
        var members = new List<ArchiveMember>();
        var ranges = new List<(long Start, long End)>();
        for (long offset = 0; offset < directory.Length; )
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            var header = directory.Read(offset, CentralLength);
            if (header.Length < CentralLength || !header.AsSpan().StartsWith("PK\x01\x02"u8))
                break;
            context.CountMembers(1);
            var (nameLength, extraLength, commentLength) = (U16(header, 28), U16(header, 30), U16(header, 32));
            var tail = directory.Read(offset + CentralLength, nameLength + extraLength + commentLength);
            if (tail.Length < nameLength + extraLength + commentLength)
                throw new InvalidDataException("the zip archive's directory is truncated");
            offset += CentralLength + tail.Length;
            var member = new ZipEntry(
                header,
                tail.AsSpan(0, nameLength).ToArray(),
                tail.AsSpan(nameLength, extraLength).ToArray(),
                tail.AsSpan(nameLength + extraLength).ToArray()
            );
            members.Add(Member(archive, member, end.Shift, ranges));
        }
        if (members.Count < end.Count)
            throw new InvalidDataException($"the zip archive's directory has {members.Count} members and promises {end.Count}");
        CheckOverlap(ranges);
        return members;
    }

    private static ArchiveMember Member(Content archive, ZipEntry entry, long shift, List<(long Start, long End)> ranges)
    {
        var start = entry.Offset + shift;
        if (start < 0 || start > archive.Length)
            throw new InvalidDataException($"\"{entry.Name}\" lies beyond the end of the zip archive");
        var local = archive.Read(start, LocalLength);
        if (local.Length < LocalLength || !local.AsSpan().StartsWith("PK\x03\x04"u8))
            throw new InvalidDataException($"\"{entry.Name}\" has no header in the zip archive");
        var extra = archive.Read(start + LocalLength + U16(local, 26), U16(local, 28));
        var data = start + LocalLength + U16(local, 26) + U16(local, 28);
        var packed = archive.Section(Path.GetFileName(entry.Name), data, entry.PackedSize);
        ranges.Add((start, data + entry.PackedSize));
        var type =
            entry.Name.EndsWith('/') ? "directory"
            : entry.IsSymbolicLink ? "symbolic link"
            : "file";
        return new ArchiveMember(entry.Name, type, packed, Fields(entry, local, extra))
        {
            Method = entry.MethodName,
            Checksum = entry.Checksum,
            Unpack = entry.Method == 0 || entry.IsEncrypted ? null : (context, isLeft) => Unpack(packed, entry, context, isLeft),
        };
    }

    private static Content Unpack(Content packed, ZipEntry entry, DifferenceContext context, bool isLeft)
    {
        if (entry.Method is 12 or 93 or 95)
            return Packed.Unpack(
                packed,
                entry.Method == 12 ? PackedFormat.Bzip2
                    : entry.Method == 93 ? PackedFormat.Zstd
                    : PackedFormat.Xz,
                packed.Name,
                context,
                isLeft
            );
        if (entry.Method != 8)
            throw new InvalidDataException($"compression method {entry.Method} is not supported");
        try
        {
            using var stream = new DeflateStream(packed.OpenStream(), CompressionMode.Decompress);
            return context.Unpack(packed.Name, stream, packed.Length, isLeft);
        }
        catch (Exception exception) when (Packed.IsOfLibrary(exception))
        {
            throw new InvalidDataException($"\"{entry.Name}\" cannot be unpacked: {exception.Message}", exception);
        }
    }

    private static void CheckOverlap(List<(long Start, long End)> ranges)
    {
        ranges.Sort();
        for (var i = 1; i < ranges.Count; i++)
        {
            if (ranges[i].Start < ranges[i - 1].End)
                throw new InvalidDataException("members of the zip archive overlap");
        }
    }

    private static List<MemberField> Fields(ZipEntry entry, byte[] local, byte[] localExtra)
    {
        var fields = new List<MemberField> { new("modification time", entry.Time, CauseKind.Timestamp, Fixes.Zip) };
        if (entry.IsUnix)
            fields.Add(new MemberField("mode", MemberField.Octal(entry.UnixMode), CauseKind.FileMetadata, Fixes.Mode));
        fields.Add(
            new MemberField("attributes", $"0x{(entry.IsUnix ? entry.Attributes & 0xffff : entry.Attributes):x}", CauseKind.FileMetadata)
        );
        fields.Add(new MemberField("made by", $"{entry.MadeBy >> 8}, version {entry.MadeBy & 0xff}", CauseKind.Content));
        fields.Add(new MemberField("method", entry.MethodName, CauseKind.Compression));
        fields.Add(new MemberField("flags", $"0x{entry.Flags:x}", CauseKind.Compression));
        fields.Add(new MemberField("comment", entry.Comment, null));
        ZipExtra.AddTo(fields, localExtra, "");
        ZipExtra.AddTo(fields, entry.Extra, " (directory)");
        if (ZipEntry.DosTime(U16(local, 12), U16(local, 10)) is var time && time != entry.Time)
            fields.Add(new MemberField("modification time (local header)", time, CauseKind.Timestamp, Fixes.Zip));
        return fields;
    }

    private static int U16(byte[] bytes, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(offset));
}
