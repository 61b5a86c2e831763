using System.Globalization;
using System.Text;

namespace Builder.Analysis.Elf;

/// <summary>
/// The qualified name in a C++ symbol, without its template arguments and parameters: enough to say where it belongs.
/// What cannot be read gives an empty path, and the symbol keeps its raw name.
/// </summary>
internal static class ItaniumName
{
    private const int MaxParts = 64;

    public static List<string> Parse(ReadOnlySpan<byte> symbol)
    {
        var path = new List<string>();
        if (!symbol.StartsWith("_Z"u8))
            return path;
        var rest = symbol[2..];
        var what = SpecialName(ref rest);
        // _ZZ: something local to a function; the function's name says where.
        while (rest.StartsWith("Z"u8))
            rest = rest[1..];
        if (!ReadName(rest, path) || path.Count == 0)
            return [];
        if (what.Length > 0)
            path.Add(what);
        return path;
    }

    private static string SpecialName(ref ReadOnlySpan<byte> rest)
    {
        if (rest.Length < 2)
            return "";
        var (what, length) = (rest[0], rest[1]) switch
        {
            ((byte)'T', (byte)'V') => ("vtable", 2),
            ((byte)'T', (byte)'T') => ("VTT", 2),
            ((byte)'T', (byte)'I') => ("typeinfo", 2),
            ((byte)'T', (byte)'S') => ("typeinfo name", 2),
            ((byte)'T', (byte)'h' or (byte)'v') => ("", -1),
            ((byte)'G', (byte)'V') => ("", 2),
            ((byte)'G', (byte)'R') => ("", 2),
            _ => ("", 0),
        };
        if (length >= 0)
        {
            rest = rest[length..];
            return what;
        }
        // Thn16_ and Tv0_n24_: a thunk's offsets stand before the name.
        var offsets = rest[1] == 'v' ? 2 : 1;
        while (offsets-- > 0 && rest.IndexOf((byte)'_') is var underscore and >= 0)
            rest = rest[(underscore + 1)..];
        return what;
    }

    private static bool ReadName(ReadOnlySpan<byte> rest, List<string> path)
    {
        var isNested = rest.StartsWith("N"u8);
        if (isNested)
        {
            rest = rest[1..];
            while (!rest.IsEmpty && rest[0] is (byte)'K' or (byte)'V' or (byte)'r' or (byte)'R' or (byte)'O')
                rest = rest[1..];
        }
        while (!rest.IsEmpty && path.Count < MaxParts)
        {
            if (isNested && rest[0] == 'E')
                return true;
            if (rest[0] == 'I')
            {
                if (!SkipTemplateArguments(ref rest))
                    return false;
            }
            else if (!ReadPart(ref rest, path))
            {
                return !isNested && path.Count > 0;
            }
            else if (!isNested && path[^1] != "std")
            {
                return true;
            }
        }
        return !isNested && path.Count > 0;
    }

    private static bool ReadPart(ref ReadOnlySpan<byte> rest, List<string> path)
    {
        if (char.IsAsciiDigit((char)rest[0]))
        {
            if (!TryReadSourceName(ref rest, out var name))
                return false;
            path.Add(name.StartsWith("_GLOBAL__N", StringComparison.Ordinal) ? "(anonymous namespace)" : name);
            return true;
        }
        if (rest.Length < 2)
            return false;
        if (rest[0] == 'L' || rest[0] == 'B')
        {
            // Internal linkage, or an ABI tag: says nothing about the place.
            var isTag = rest[0] == 'B';
            rest = rest[1..];
            return isTag ? TryReadSourceName(ref rest, out _) : ReadPart(ref rest, path);
        }
        if (rest[0] == 'S')
        {
            var abbreviation = rest[1] switch
            {
                (byte)'t' => "std",
                (byte)'a' => "std::allocator",
                (byte)'b' or (byte)'s' => "std::string",
                (byte)'i' => "std::istream",
                (byte)'o' => "std::ostream",
                (byte)'d' => "std::iostream",
                _ => null,
            };
            if (abbreviation is null)
                return false;
            path.AddRange(abbreviation.Split("::"));
            rest = rest[2..];
            return true;
        }
        if ((rest[0] is (byte)'C' or (byte)'D') && rest[1] is >= (byte)'0' and <= (byte)'5')
        {
            path.Add(rest[0] == 'C' ? "(constructor)" : "(destructor)");
            rest = rest[2..];
            return true;
        }
        if (rest.StartsWith("Ut"u8) || rest.StartsWith("Ul"u8))
            return SkipUnnamed(ref rest, path);
        if (rest[0] is >= (byte)'a' and <= (byte)'z' && rest[1] is >= (byte)'a' and <= (byte)'z' or >= (byte)'A' and <= (byte)'Z')
        {
            path.Add(rest.StartsWith("cv"u8) ? "operator (conversion)" : "operator");
            rest = rest.StartsWith("cv"u8) ? [] : rest[2..];
            return true;
        }
        return false;
    }

    private static bool SkipUnnamed(ref ReadOnlySpan<byte> rest, List<string> path)
    {
        path.Add(rest[1] == 'l' ? "(lambda)" : "(unnamed)");
        var isLambda = rest[1] == 'l';
        rest = rest[2..];
        if (isLambda && !SkipTo(ref rest, depth: 1))
            return false;
        var underscore = rest.IndexOf((byte)'_');
        if (underscore < 0)
            return false;
        rest = rest[(underscore + 1)..];
        return true;
    }

    private static bool SkipTemplateArguments(ref ReadOnlySpan<byte> rest)
    {
        rest = rest[1..];
        return SkipTo(ref rest, depth: 1);
    }

    /// <summary>Skips types and expressions to behind the E that closes <paramref name="depth"/> levels.</summary>
    private static bool SkipTo(ref ReadOnlySpan<byte> rest, int depth)
    {
        while (!rest.IsEmpty)
        {
            var head = rest[0];
            if (char.IsAsciiDigit((char)head))
            {
                if (!TryReadSourceName(ref rest, out _))
                    return false;
                continue;
            }
            rest = rest[1..];
            switch (head)
            {
                case (byte)'E':
                    if (--depth == 0)
                        return true;
                    break;
                case (byte)'L':
                    depth++;
                    SkipLiteral(ref rest);
                    break;
                case (byte)'N' or (byte)'I' or (byte)'X' or (byte)'J' or (byte)'F':
                    depth++;
                    break;
                case (byte)'S' or (byte)'T':
                    SkipReference(ref rest);
                    break;
                case (byte)'A':
                    rest = rest[Math.Max(0, rest.IndexOfAnyExceptInRange((byte)'0', (byte)'9'))..];
                    break;
            }
        }
        return false;
    }

    /// <summary>A literal's type and digits; its E is left.</summary>
    private static void SkipLiteral(ref ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty || char.IsAsciiDigit((char)rest[0]) || rest[0] is (byte)'N' or (byte)'_')
            return;
        rest = rest[1..];
        var end = rest.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        rest = end < 0 ? [] : rest[end..];
    }

    private static void SkipReference(ref ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty)
            return;
        if (rest[0] is >= (byte)'a' and <= (byte)'z')
        {
            rest = rest[1..];
            return;
        }
        var underscore = rest.IndexOf((byte)'_');
        rest = underscore < 0 ? [] : rest[(underscore + 1)..];
    }

    internal static bool TryReadSourceName(ref ReadOnlySpan<byte> rest, out string name)
    {
        name = "";
        var digits = rest.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (
            digits is < 1 or > 5
            || !int.TryParse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || length == 0
            || length > rest.Length - digits
        )
            return false;
        name = Encoding.UTF8.GetString(rest.Slice(digits, length));
        rest = rest[(digits + length)..];
        return true;
    }
}
