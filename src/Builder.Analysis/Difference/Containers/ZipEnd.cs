using System.Buffers.Binary;
using System.Text;

namespace Builder.Analysis.Difference.Containers;

/// <summary>The end of a zip archive, which says where its directory is.</summary>
/// <param name="Shift">Bytes before the archive proper, as in self-extracting ones.</param>
internal sealed record ZipEnd(long DirectoryStart, long DirectoryLength, long Count, long Shift, string Comment)
{
    private const int MaxComment = ushort.MaxValue;

    /// <exception cref="InvalidDataException">There is none, or it lies.</exception>
    public static ZipEnd Find(Content archive, int endLength)
    {
        var tailStart = Math.Max(0, archive.Length - endLength - MaxComment);
        var tail = archive.Read(tailStart, endLength + MaxComment);
        for (var search = tail.Length - endLength; search >= 0; search--)
        {
            search = tail.AsSpan(0, search + 4).LastIndexOf("PK\x05\x06"u8);
            if (search < 0)
                break;
            var record = tail.AsSpan(search);
            var commentLength = BinaryPrimitives.ReadUInt16LittleEndian(record[20..]);
            if (commentLength > record.Length - endLength)
                continue;
            var comment = Encoding.UTF8.GetString(record.Slice(endLength, commentLength));
            return Of(archive, record, tailStart + search, comment);
        }
        throw new InvalidDataException("the zip archive has no end record: it is truncated");
    }

    private static ZipEnd Of(Content archive, ReadOnlySpan<byte> record, long at, string comment)
    {
        long count = BinaryPrimitives.ReadUInt16LittleEndian(record[10..]);
        long length = BinaryPrimitives.ReadUInt32LittleEndian(record[12..]);
        long start = BinaryPrimitives.ReadUInt32LittleEndian(record[16..]);
        var directoryEnd = at;
        if (at >= 20 && archive.Read(at - 20, 20) is { Length: 20 } locator && locator.AsSpan().StartsWith("PK\x06\x07"u8))
        {
            var place = BinaryPrimitives.ReadInt64LittleEndian(locator.AsSpan(8));
            if (place >= 0 && place < at && archive.Read(place, 56) is { Length: 56 } large && large.AsSpan().StartsWith("PK\x06\x06"u8))
            {
                count = BinaryPrimitives.ReadInt64LittleEndian(large.AsSpan(32));
                length = BinaryPrimitives.ReadInt64LittleEndian(large.AsSpan(40));
                start = BinaryPrimitives.ReadInt64LittleEndian(large.AsSpan(48));
                directoryEnd = place;
            }
        }
        var shift = directoryEnd - length - start;
        if (length < 0 || start < 0 || length > directoryEnd || start > directoryEnd - length || shift < 0)
            throw new InvalidDataException("the zip archive's end record points outside of it");
        return new ZipEnd(start + shift, length, count, shift, comment);
    }
}
