using System.Buffers.Binary;

namespace Builder.Analysis.Advisories;

/// <summary>Counts the entries of a zip archive before anything makes an object for each of them (APPNOTE.TXT, 4.3.12 to 4.3.16).</summary>
internal static class ZipDirectory
{
    private const int EndLength = 22;
    private const int MaxComment = 65_535;
    private const int HeaderLength = 46;
    private const uint EndSignature = 0x06054b50;
    private const uint HeaderSignature = 0x02014b50;

    /// <exception cref="InvalidDataException">It has no directory, or a damaged one.</exception>
    public static int Count(Stream archive, int most)
    {
        var tail = new byte[Math.Min(archive.Length, EndLength + MaxComment)];
        archive.Position = archive.Length - tail.Length;
        archive.ReadExactly(tail);
        var end = tail.Length - EndLength;
        while (end >= 0 && BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(end)) != EndSignature)
            end--;
        if (end < 0)
            throw new InvalidDataException("it has no central directory");
        var position = (long)BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(end + 16));
        if (position == uint.MaxValue || BinaryPrimitives.ReadUInt16LittleEndian(tail.AsSpan(end + 10)) == ushort.MaxValue)
            position = Zip64Position(archive, tail, end) ?? position;
        var header = new byte[HeaderLength];
        var count = 0;
        for (; count <= most && position <= archive.Length - HeaderLength; count++)
        {
            archive.Position = position;
            archive.ReadExactly(header);
            if (BinaryPrimitives.ReadUInt32LittleEndian(header) != HeaderSignature)
                break;
            position +=
                HeaderLength
                + BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(28))
                + BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(30))
                + BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(32));
        }
        archive.Position = 0;
        return count;
    }

    /// <summary>Where the directory starts, by the record that a locator before the end names.</summary>
    private static long? Zip64Position(Stream archive, byte[] tail, int end)
    {
        const uint LocatorSignature = 0x07064b50;
        const uint RecordSignature = 0x06064b50;
        const int LocatorLength = 20;
        const int RecordLength = 56;
        if (end < LocatorLength || BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(end - LocatorLength)) != LocatorSignature)
            return null;
        var at = BinaryPrimitives.ReadInt64LittleEndian(tail.AsSpan(end - LocatorLength + 8));
        if (at < 0 || at > archive.Length - RecordLength)
            throw new InvalidDataException("its central directory is outside the file");
        var record = new byte[RecordLength];
        archive.Position = at;
        archive.ReadExactly(record);
        var position = BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(48));
        return BinaryPrimitives.ReadUInt32LittleEndian(record) == RecordSignature && position >= 0
            ? position
            : throw new InvalidDataException("its central directory cannot be found");
    }
}
