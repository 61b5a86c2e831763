using System.Text.Unicode;

namespace Builder.Analysis.Difference.Elf;

/// <summary>Texts and constants in read-only data.</summary>
internal sealed class Literals(ElfSide side)
{
    private const int MaxLength = 4096;
    private const ulong WithStrings = 0x20;

    private HashSet<string>? whole;

    /// <summary>The text at an address up to its NUL; empty where there is none.</summary>
    public ReadOnlySpan<byte> TextAt(ulong address)
    {
        var rest = side.BytesAt(address);
        var end = rest[..Math.Min(rest.Length, MaxLength)].IndexOf((byte)0);
        return end > 0 && IsText(rest[..end]) ? rest[..end] : default;
    }

    /// <summary>The value at an address; empty where it does not lie there.</summary>
    public ReadOnlySpan<byte> ValueAt(ulong address, int size)
    {
        var rest = side.BytesAt(address);
        return size > 0 && rest.Length >= size ? rest[..size] : default;
    }

    /// <summary>Whether this side has the text, whole or as the end of a longer one.</summary>
    public bool Has(ReadOnlySpan<byte> text)
    {
        whole ??= FindAll();
        return whole.Contains(Latin1(text));
    }

    public static string Latin1(ReadOnlySpan<byte> text) => System.Text.Encoding.Latin1.GetString(text);

    /// <summary>Printable UTF-8. Tables of jumps are none: their numbers are small and negative.</summary>
    public static bool IsText(ReadOnlySpan<byte> bytes)
    {
        var isAscii = true;
        foreach (var value in bytes)
        {
            if (!IsPrintable(value))
                return false;
            isAscii &= value < 0x80;
        }
        return isAscii || Utf8.IsValid(bytes);
    }

    private static bool IsPrintable(byte value) => value is >= 0x20 and not 0x7F or 9 or 10 or 13 or 27;

    private HashSet<string> FindAll()
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var section in side.Sections)
        {
            if (!section.IsLoaded || section.IsCode || section.IsWritable || section.Type != 1)
                continue;
            if (!section.Name.StartsWith(".rodata", StringComparison.Ordinal) && (section.Flags & WithStrings) == 0)
                continue;
            var bytes = side.Bytes(section.Index);
            while (!bytes.IsEmpty)
            {
                var end = bytes.IndexOf((byte)0);
                var run = end < 0 ? bytes : bytes[..end];
                // Before a text there may be bytes of something else.
                var start = run.Length;
                while (start > 0 && run.Length - start < MaxLength && IsPrintable(run[start - 1]))
                    start--;
                if (start < run.Length)
                    found.Add(Latin1(run[start..]));
                bytes = end < 0 ? default : bytes[(end + 1)..];
            }
        }
        return found;
    }
}
