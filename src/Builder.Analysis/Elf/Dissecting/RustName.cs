using System.Buffers;
using System.Text;

namespace Builder.Analysis.Elf;

/// <summary>Crate, modules and item of a Rust symbol, in the old mangling (<c>_ZN…17h…E</c>) and the new (<c>_R…</c>).</summary>
internal static class RustName
{
    /// <summary>Stands for the item of an implementation, whose name is behind types that are not read.</summary>
    internal const string Implementation = "(implementation)";

    private const int MaxParts = 64;

    private static readonly SearchValues<char> NotInCrateNames = SearchValues.Create("<>(), ");

    public static List<string> ParseLegacy(ReadOnlySpan<byte> symbol)
    {
        var path = new List<string>();
        if (!symbol.StartsWith("_ZN"u8))
            return path;
        var rest = symbol[3..];
        while (!rest.IsEmpty && rest[0] != 'E' && path.Count < MaxParts)
        {
            if (!ItaniumName.TryReadSourceName(ref rest, out var part))
                return [];
            path.Add(part);
        }
        if (path.Count > 1)
            path.RemoveAt(path.Count - 1);
        for (var i = 0; i < path.Count; i++)
            path[i] = Unescape(path[i]);
        if (path.Count > 1 && path[0].StartsWith('<'))
            path.InsertRange(0, CrateOfImplementation(path[0]));
        return path;
    }

    /// <summary>
    /// <c>&lt;alloc::string::String as core::fmt::Display&gt;</c> belongs to alloc; <c>&lt;T as core::any::Any&gt;</c> to core.
    /// </summary>
    private static string[] CrateOfImplementation(string implementation)
    {
        foreach (var side in implementation.Split(" as "))
        {
            var path = side.AsSpan().TrimStart("<&*([ ");
            foreach (var word in (ReadOnlySpan<string>)["mut ", "const ", "dyn "])
            {
                if (path.StartsWith(word, StringComparison.Ordinal))
                    path = path[word.Length..];
            }
            var crate = path.IndexOf("::", StringComparison.Ordinal);
            if (crate > 0 && !path[..crate].ContainsAny(NotInCrateNames))
                return [path[..crate].ToString()];
        }
        return ["core"];
    }

    private static string Unescape(string part)
    {
        if (!part.AsSpan().ContainsAny("$."))
            return part;
        var text = new StringBuilder(part.StartsWith("_$", StringComparison.Ordinal) ? part[1..] : part)
            .Replace("$LT$", "<")
            .Replace("$GT$", ">")
            .Replace("$u20$", " ")
            .Replace("$RF$", "&")
            .Replace("$BP$", "*")
            .Replace("$LP$", "(")
            .Replace("$RP$", ")")
            .Replace("$C$", ",")
            .Replace("$u7b$", "{")
            .Replace("$u7d$", "}")
            .Replace("$u5b$", "[")
            .Replace("$u5d$", "]")
            .Replace("$u27$", "'")
            .Replace("$u3b$", ";")
            .Replace("$u2b$", "+")
            .Replace("..", "::");
        return text.ToString();
    }

    /// <summary>The path of identifiers; types and generic arguments are passed over, so an item of an implementation stands in the implementing module.</summary>
    public static List<string> ParseV0(ReadOnlySpan<byte> symbol)
    {
        var path = new List<string>();
        new V0(symbol[2..]).ReadPath(0, path, depth: 0);
        return path;
    }

    private readonly ref struct V0(ReadOnlySpan<byte> text)
    {
        private const int Deepest = 32;
        private const int MaxNumberLength = 16;

        private readonly ReadOnlySpan<byte> _text = text;

        /// <summary>Position behind the path; −1 where it cannot be read to its end: what was read is kept.</summary>
        public int ReadPath(int at, List<string> path, int depth)
        {
            if (depth > Deepest || at < 0 || at >= _text.Length || path.Count > MaxParts)
                return -1;
            switch (_text[at])
            {
                case (byte)'C':
                    return ReadIdentifier(at + 1, path);
                case (byte)'N':
                    var inner = at + 1 < _text.Length ? ReadPath(at + 2, path, depth + 1) : -1;
                    return inner < 0 ? -1 : ReadIdentifier(inner, path);
                case (byte)'M' or (byte)'X':
                    // The path of the implementation's module stands first; what follows is its type.
                    ReadPath(SkipDisambiguator(at + 1), path, depth + 1);
                    path.Add(Implementation);
                    return -1;
                case (byte)'I':
                    ReadPath(at + 1, path, depth + 1);
                    return -1;
                case (byte)'B':
                    var next = ReadBase62(at + 1, out var target);
                    if (target >= 0 && target < at && next > 0)
                        ReadPath((int)target, path, depth + 1);
                    return next;
                default:
                    return -1;
            }
        }

        private int ReadIdentifier(int at, List<string> path)
        {
            at = SkipDisambiguator(at);
            if (at < 0)
                return -1;
            if (at < _text.Length && _text[at] == 'u')
                at++;
            var length = 0;
            var digits = at;
            while (digits < _text.Length && char.IsAsciiDigit((char)_text[digits]) && length < 100_000)
                length = length * 10 + (_text[digits++] - '0');
            if (digits == at)
                return -1;
            if (digits < _text.Length && _text[digits] == '_')
                digits++;
            if (length > _text.Length - digits)
                return -1;
            path.Add(length == 0 ? "{closure}" : Encoding.UTF8.GetString(_text.Slice(digits, length)));
            return digits + length;
        }

        private int SkipDisambiguator(int at) => at >= 0 && at < _text.Length && _text[at] == 's' ? ReadBase62(at + 1, out _) : at;

        private int ReadBase62(int at, out long value)
        {
            value = 0;
            for (var start = at; at < _text.Length && at - start < MaxNumberLength; at++)
            {
                var digit = (char)_text[at];
                if (digit == '_')
                {
                    value = at == start ? 0 : value + 1;
                    return at + 1;
                }
                if (!char.IsAsciiLetterOrDigit(digit))
                    return -1;
                value =
                    unchecked(value * 62)
                    + (
                        char.IsAsciiDigit(digit) ? digit - '0'
                        : char.IsAsciiLetterLower(digit) ? digit - 'a' + 10
                        : digit - 'A' + 36
                    );
            }
            return -1;
        }
    }
}
