using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Builder.Analysis.Difference.Causes;

namespace Builder.Analysis.Difference.Containers;

/// <summary>The header of gzip (RFC 1952).</summary>
internal static class GzipHeader
{
    public static List<MemberField> Fields(Content content)
    {
        var start = content.Start;
        var fields = new List<MemberField>();
        if (start.Length < 18)
            return fields;
        var flags = start[3];
        var time = BinaryPrimitives.ReadUInt32LittleEndian(start[4..]);
        fields.Add(new MemberField("modification time", time == 0 ? "none" : MemberField.Time(time), CauseKind.Timestamp, Fixes.Gzip));
        var at = 10;
        if ((flags & 4) != 0 && start.Length > at + 2)
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(start[at..]);
            at += 2;
            fields.Add(
                new MemberField("extra field", Convert.ToHexStringLower(start.Slice(at, Math.Min(length, start.Length - at))), null)
            );
            at += length;
        }
        if ((flags & 8) != 0)
            fields.Add(new MemberField("file name", Text(start, ref at), null, Fixes.Gzip));
        if ((flags & 16) != 0)
            fields.Add(new MemberField("comment", Text(start, ref at), null));
        fields.Add(
            new MemberField(
                "level",
                start[8] switch
                {
                    2 => "best (-9)",
                    4 => "fastest (-1)",
                    0 => "not told",
                    var other => other.ToString(CultureInfo.InvariantCulture),
                },
                CauseKind.Compression
            )
        );
        fields.Add(new MemberField("system", start[9].ToString(CultureInfo.InvariantCulture), CauseKind.Compression));
        return fields;
    }

    private static string Text(ReadOnlySpan<byte> bytes, ref int at)
    {
        if (at >= bytes.Length)
            return "";
        var rest = bytes[at..];
        var end = rest.IndexOf((byte)0);
        at += end < 0 ? rest.Length : end + 1;
        return Encoding.Latin1.GetString(end < 0 ? rest : rest[..end]);
    }
}
