using System.Buffers.Binary;
using System.Text;

namespace Builder.Analysis.Difference.Leaves;

/// <summary>Reads .mo (GNU gettext manual, section 10.3) and .po.</summary>
internal static class CatalogueReader
{
    private const uint Magic = 0x950412de;
    private const int MaxMessages = 200_000;

    public static bool IsMo(Content content) =>
        content.Start is { Length: >= 28 } start
        && (BinaryPrimitives.ReadUInt32LittleEndian(start) == Magic || BinaryPrimitives.ReadUInt32BigEndian(start) == Magic);

    public static bool IsPo(Content content)
    {
        if (!TextBytes.LooksLikeText(content))
            return false;
        var start = content.Start.TrimStart("\uFEFF"u8);
        return (start.StartsWith("msgid "u8) || start.StartsWith("#"u8))
            && start.IndexOf("msgid \"\"\nmsgstr \"\"\n\""u8) is >= 0 and var at
            && (at == 0 || start[at - 1] == '\n');
    }

    /// <exception cref="InvalidDataException">Broken.</exception>
    public static Catalogue Read(Content content, DifferenceContext context)
    {
        var bytes = content.ReadAll(context.Limits.MaxLeaf);
        return IsMo(content) ? ReadMo(bytes) : ReadPo(Encoding.UTF8.GetString(bytes));
    }

    private static Catalogue ReadMo(byte[] bytes)
    {
        var isLittle = BinaryPrimitives.ReadUInt32LittleEndian(bytes) == Magic;
        var (count, ids, texts) = (U32(bytes, 8, isLittle), U32(bytes, 12, isLittle), U32(bytes, 16, isLittle));
        if (count > MaxMessages || count > bytes.Length / 8)
            throw new InvalidDataException($"the catalogue promises {count} messages");
        var messages = new List<CatalogueMessage>();
        for (uint i = 0; i < count; i++)
            messages.Add(new CatalogueMessage(Text(bytes, ids + (i * 8), isLittle), Text(bytes, texts + (i * 8), isLittle), ""));
        return new Catalogue(messages);
    }

    private static string Text(byte[] bytes, long at, bool isLittle)
    {
        var (length, offset) = (U32(bytes, at, isLittle), U32(bytes, at + 4, isLittle));
        if (offset > bytes.Length || length > bytes.Length - offset)
            throw new InvalidDataException("the catalogue has a message beyond its end");
        return Encoding.UTF8.GetString(bytes, (int)offset, (int)length);
    }

    private static uint U32(byte[] bytes, long offset, bool isLittle)
    {
        if (offset > bytes.Length - 4)
            throw new InvalidDataException("the catalogue is truncated");
        var span = bytes.AsSpan((int)offset);
        return isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(span) : BinaryPrimitives.ReadUInt32BigEndian(span);
    }

    private static Catalogue ReadPo(string text)
    {
        var messages = new List<CatalogueMessage>();
        var (id, value, comment) = (new StringBuilder(), new StringBuilder(), new StringBuilder());
        var (hasId, target) = (false, comment);
        foreach (var raw in text.Split('\n').Append(""))
        {
            var line = raw.Trim();
            if (line.StartsWith('"'))
            {
                target.Append(Unquoted(line));
                continue;
            }
            var isNewId =
                line.StartsWith("msgctxt ", StringComparison.Ordinal)
                || (line.StartsWith("msgid ", StringComparison.Ordinal) && target != id);
            if (hasId && (line.Length == 0 || isNewId || line.StartsWith('#')))
            {
                messages.Add(new CatalogueMessage(id.ToString(), value.ToString(), comment.ToString().TrimEnd('\n')));
                _ = (id.Clear(), value.Clear(), comment.Clear());
                (hasId, target) = (false, comment);
            }
            if (line.StartsWith('#'))
                comment.Append(line).Append('\n');
            else if (line.StartsWith("msgctxt ", StringComparison.Ordinal))
                (target = id).Append(Unquoted(line[8..])).Append('\u0004');
            else if (line.StartsWith("msgid", StringComparison.Ordinal))
                (hasId, target) = (true, Append(id, line));
            else if (line.StartsWith("msgstr", StringComparison.Ordinal))
                target = Append(value, line);
        }
        return new Catalogue(messages);
    }

    private static StringBuilder Append(StringBuilder target, string line)
    {
        var quote = line.IndexOf('"', StringComparison.Ordinal);
        return target.Append(quote < 0 ? "" : Unquoted(line[quote..]));
    }

    private static string Unquoted(string text) =>
        text.Trim().Trim('"').Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\\"", "\"", StringComparison.Ordinal);
}
