using System.Buffers.Binary;
using System.Globalization;

namespace Builder.Analysis.Difference.Containers;

/// <summary>Extra fields of zip headers (APPNOTE 4.5): extended times, owners, the rest as hexadecimal.</summary>
internal static class ZipExtra
{
    private const string OwnerFix = "Run zip with -X, so that it stores no owners and extended times.";
    private const int MaxShown = 64;

    /// <summary>Id, offset and length of each; stops where a length reaches too far.</summary>
    public static List<(int Id, int Offset, int Length)> Fields(byte[] extra)
    {
        var fields = new List<(int, int, int)>();
        for (var at = 0; at + 4 <= extra.Length; )
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(extra.AsSpan(at + 2));
            if (length > extra.Length - at - 4)
                break;
            fields.Add((BinaryPrimitives.ReadUInt16LittleEndian(extra.AsSpan(at)), at + 4, length));
            at += 4 + length;
        }
        return fields;
    }

    public static void AddTo(List<MemberField> fields, byte[] extra, string where)
    {
        foreach (var (id, offset, length) in Fields(extra))
        {
            var field = extra.AsSpan(offset, length);
            switch (id)
            {
                case 1:
                    break;
                case 0x5455:
                    AddTimes(fields, field, where);
                    break;
                case 0x7875:
                    fields.Add(new MemberField($"owner{where}", Convert.ToHexStringLower(field), CauseKind.FileMetadata, OwnerFix));
                    break;
                case 0x5855 when length >= 8:
                    fields.Add(new MemberField($"access time{where}", Time(field), CauseKind.Timestamp, OwnerFix));
                    fields.Add(new MemberField($"extended time{where}", Time(field[4..]), CauseKind.Timestamp, OwnerFix));
                    break;
                case 0x000a:
                    fields.Add(new MemberField($"NTFS times{where}", Convert.ToHexStringLower(field), CauseKind.Timestamp, OwnerFix));
                    break;
                default:
                    fields.Add(
                        new MemberField(
                            string.Create(CultureInfo.InvariantCulture, $"extra field 0x{id:x4}{where}"),
                            Convert.ToHexStringLower(field[..Math.Min(length, MaxShown)]),
                            null
                        )
                    );
                    break;
            }
        }
    }

    private static void AddTimes(List<MemberField> fields, ReadOnlySpan<byte> field, string where)
    {
        ReadOnlySpan<string> names = ["extended time", "access time", "creation time"];
        var at = 1;
        for (var i = 0; i < names.Length && at + 4 <= field.Length; i++)
        {
            if ((field[0] & (1 << i)) == 0)
                continue;
            fields.Add(new MemberField($"{names[i]}{where}", Time(field[at..]), CauseKind.Timestamp, OwnerFix));
            at += 4;
        }
    }

    private static string Time(ReadOnlySpan<byte> field) => MemberField.Time(BinaryPrimitives.ReadInt32LittleEndian(field));
}
