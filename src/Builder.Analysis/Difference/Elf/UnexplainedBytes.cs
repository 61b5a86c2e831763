using System.Globalization;

namespace Builder.Analysis.Difference.Elf;

/// <summary>Bytes of a section that differ without a text, a function or an object that tells why: as numbers, for a time may be among them, else as hex.</summary>
internal sealed class UnexplainedBytes(ElfReport report, ElfSide left, ElfSide right)
{
    private const int MaxRanges = 6;
    private const int MaxShown = 16;

    public void Add(SectionPair section)
    {
        var leftBytes = left.Bytes(section.Left!.Index);
        var rightBytes = right.Bytes(section.Right!.Index);
        if (leftBytes.Length != rightBytes.Length || leftBytes.IsEmpty)
        {
            report.Cause(section.Name, CauseKind.Content, Count(section.Left.Size), Count(section.Right.Size), CauseStrength.Unknown);
            return;
        }
        var ranges = 0;
        for (var at = 0; at < leftBytes.Length; )
        {
            var same = leftBytes[at..].CommonPrefixLength(rightBytes[at..]);
            at += same;
            if (at >= leftBytes.Length)
                break;
            if (++ranges > MaxRanges)
            {
                report.Notice(section.Name, $"only the first {MaxRanges} ranges of bytes are shown");
                break;
            }
            at = Range(section, leftBytes, rightBytes, at);
        }
    }

    private int Range(SectionPair section, ReadOnlySpan<byte> leftBytes, ReadOnlySpan<byte> rightBytes, int at)
    {
        var start = at & ~7;
        var end = Math.Min(leftBytes.Length, start + 8);
        while (
            end < leftBytes.Length
            && end - start < 4096
            && !leftBytes[end..Math.Min(leftBytes.Length, end + 8)].SequenceEqual(rightBytes[end..Math.Min(leftBytes.Length, end + 8)])
        )
            end = Math.Min(leftBytes.Length, end + 8);
        var (leftShown, rightShown) = (Hex(leftBytes[start..end]), Hex(rightBytes[start..end]));
        var kind = end - start == 8 ? KindOfNumber(leftBytes[start..end], rightBytes[start..end]) : CauseKind.Content;
        report.Change(
            section.Name,
            new Change(ChangeType.Bytes, string.Create(CultureInfo.InvariantCulture, $"offset 0x{start:x}"), leftShown, rightShown)
        );
        report.Cause(section.Name, kind, leftShown, rightShown, kind == CauseKind.Content ? CauseStrength.Unknown : null);
        return end;
    }

    private CauseKind KindOfNumber(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        var reader = left.File.Header.Fields;
        var kind = report.Finder.Find(Text(reader.UInt64(a, 0)), Text(reader.UInt64(b, 0)));
        for (var half = 0; half < 8 && kind == CauseKind.Content; half += 4)
        {
            if (reader.UInt32(a, half) != reader.UInt32(b, half))
                kind = report.Finder.Find(Text(reader.UInt32(a, half)), Text(reader.UInt32(b, half)));
        }
        return kind;
    }

    private static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Hex(ReadOnlySpan<byte> bytes) =>
        Convert.ToHexStringLower(bytes[..Math.Min(bytes.Length, MaxShown)]) + (bytes.Length > MaxShown ? "…" : "");

    private static string Count(ulong size) => string.Create(CultureInfo.InvariantCulture, $"{size} bytes");
}
