using System.Buffers;
using System.Text;
using Builder.Protocol.Values;

namespace Builder.Storage.Database;

/// <summary>
/// Any bytes as text that both engines keep and compare exactly. UTF-8 stands as it is; a byte that is not part of it, and
/// NUL, which PostgreSQL refuses, becomes the private character U+F700 + byte. Text that already holds such a character has
/// its bytes written in the same way, so that every sequence of bytes has exactly one text and the way back is exact.
/// </summary>
public static class StoredText
{
    private const int FirstEscape = 0xF700;

    public static string FromBytes(ByteString bytes)
    {
        var rest = bytes.Span;
        if (
            bytes.TryGetUtf8(out var plain)
            && !plain.AsSpan().ContainsAnyInRange((char)FirstEscape, (char)(FirstEscape + 0xFF))
            && !plain.Contains('\0', StringComparison.Ordinal)
        )
            return plain;
        var text = new StringBuilder(rest.Length);
        while (!rest.IsEmpty)
        {
            var isText =
                Rune.DecodeFromUtf8(rest, out var rune, out var length) == OperationStatus.Done && rune.Value != 0 && !IsEscape(rune.Value);
            if (isText)
                text.Append(rune.ToString());
            else
                foreach (var one in rest[..length])
                    text.Append((char)(FirstEscape + one));
            rest = rest[length..];
        }
        return text.ToString();
    }

    public static ByteString ToBytes(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange((char)FirstEscape, (char)(FirstEscape + 0xFF)))
            return ByteString.FromUtf8(text);
        var bytes = new ArrayBufferWriter<byte>(text.Length * 3);
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsEscape(rune.Value))
            {
                bytes.GetSpan(1)[0] = (byte)(rune.Value - FirstEscape);
                bytes.Advance(1);
            }
            else
            {
                bytes.Advance(rune.EncodeToUtf8(bytes.GetSpan(4)));
            }
        }
        return new ByteString(bytes.WrittenMemory);
    }

    private static bool IsEscape(int character) => character is >= FirstEscape and <= FirstEscape + 0xFF;
}
