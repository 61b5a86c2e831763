using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace Builder.Analysis.Elf;

/// <summary>What a symbol is called in the source, and what contains it there.</summary>
internal static partial class SymbolName
{
    private const int MaxShownLength = 256;

    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdef"u8);

    /// <summary>The language that gave a symbol its name; C where nothing tells.</summary>
    public static DissectionKind LanguageOf(ReadOnlySpan<byte> name, bool isGo)
    {
        if (name.StartsWith("switch.table."u8))
            name = name["switch.table.".Length..];
        if (name.StartsWith("_R"u8))
            return DissectionKind.Rust;
        if (name.StartsWith("_Z"u8))
            return HasRustHash(name) ? DissectionKind.Rust : DissectionKind.Cpp;
        return isGo && name.ContainsAny((byte)'.', (byte)':') ? DissectionKind.Go : DissectionKind.C;
    }

    /// <summary>The packages, crates, namespaces, classes around a symbol; none for a global or an unreadable name.</summary>
    public static List<string> ContainersOf(ReadOnlySpan<byte> name, DissectionKind language)
    {
        const int Deepest = 3;
        var path = PathOf(name, language);
        if (path.Count > 0)
            path.RemoveAt(path.Count - 1);
        if (path.Count > Deepest)
            path.RemoveRange(Deepest, path.Count - Deepest);
        return path;
    }

    /// <summary>Without the stamps that differ from build to build.</summary>
    public static string Display(ReadOnlySpan<byte> name, DissectionKind kind)
    {
        var shown = kind switch
        {
            DissectionKind.OCaml or DissectionKind.OCamlCode or DissectionKind.OCamlData or DissectionKind.OCamlFrametable => OCaml(
                Encoding.UTF8.GetString(name)
            ),
            DissectionKind.Cpp => Joined(ItaniumName.Parse(name), name),
            DissectionKind.Rust => Rust(name),
            _ => Encoding.UTF8.GetString(name),
        };
        return shown.Length <= MaxShownLength ? shown : string.Concat(shown.AsSpan(0, MaxShownLength - 1), "…");
    }

    private static List<string> PathOf(ReadOnlySpan<byte> name, DissectionKind language)
    {
        // A table of a switch is named after its function.
        if (name.StartsWith("switch.table."u8))
            name = name["switch.table.".Length..];
        return language switch
        {
            DissectionKind.Cpp => ItaniumName.Parse(name),
            DissectionKind.Rust when name.StartsWith("_R"u8) => RustName.ParseV0(name),
            DissectionKind.Rust => RustName.ParseLegacy(name),
            DissectionKind.Go => GoName.Parse(name),
            _ => [],
        };
    }

    private static string Joined(List<string> path, ReadOnlySpan<byte> name) =>
        path.Count == 0 || path[^1] == RustName.Implementation ? Encoding.UTF8.GetString(name) : string.Join("::", path);

    /// <summary>The path in the source; else the name without the hashes and numbers that differ from build to build.</summary>
    private static string Rust(ReadOnlySpan<byte> name)
    {
        var path = PathOf(name, DissectionKind.Rust);
        var isTable = name.StartsWith("switch.table."u8);
        if (path.Count > 0 && path[^1] != RustName.Implementation)
            return string.Concat(isTable ? "switch table of " : "", string.Join("::", path));
        var text = Encoding.UTF8.GetString(name);
        if (LlvmSuffix().Match(text) is { Success: true } suffix)
            text = text[..suffix.Index];
        if (AnonymousConstant().IsMatch(text))
            return "anonymous constants";
        if (NumberedData().Match(text) is { Success: true } numbered)
            return numbered.Groups[1].Value;
        return text.StartsWith("_R", StringComparison.Ordinal) ? CrateHash().Replace(text, "C") : text;
    }

    [GeneratedRegex(@"\.llvm\.[0-9]+\z")]
    private static partial Regex LlvmSuffix();

    [GeneratedRegex(@"\A(?:\.L)?(?:anon\.[0-9a-f]{16,32}(?:\.[0-9]+)?|alloc_[0-9a-f]{32}|__unnamed_[0-9]+)\z")]
    private static partial Regex AnonymousConstant();

    [GeneratedRegex(@"\A(vtable|str|switch\.table\.[A-Za-z_][A-Za-z0-9_]*)\.[0-9A-Za-z.]+\z")]
    private static partial Regex NumberedData();

    [GeneratedRegex(@"Cs[0-9A-Za-z]*_")]
    private static partial Regex CrateHash();

    /// <summary><c>camlStdlib__List__map_123</c> is <c>map</c>; numbered constants are one thing.</summary>
    private static string OCaml(string name)
    {
        if (!name.StartsWith("caml", StringComparison.Ordinal) || name.Length < 5 || !char.IsAsciiLetterUpper(name[4]))
            return name;
        var cut = Math.Max(name.LastIndexOf("__", StringComparison.Ordinal) + 2, name.LastIndexOfAny(['.', '$']) + 1);
        // A name that itself starts with underscores: the separator is the first of them.
        while (cut > 2 && cut - 3 > 4 && name[cut - 3] == '_' && name[cut - 1] == '_')
            cut--;
        var shown = name.AsSpan(cut < 5 ? 4 : cut);
        if (shown.EndsWith("_code", StringComparison.Ordinal) && EndsWithStamp(shown[..^5]))
            shown = shown[..^5];
        while (EndsWithStamp(shown))
            shown = shown[..shown.LastIndexOf('_')];
        return shown.IsEmpty || !shown.ContainsAnyExceptInRange('0', '9') ? "constants" : shown.ToString();
    }

    private static bool EndsWithStamp(ReadOnlySpan<char> text)
    {
        var underscore = text.LastIndexOf('_');
        return underscore > 0 && underscore < text.Length - 1 && !text[(underscore + 1)..].ContainsAnyExceptInRange('0', '9');
    }

    private static bool HasRustHash(ReadOnlySpan<byte> name)
    {
        // _ZN…17h, sixteen hexadecimal digits, E, and perhaps what the compiler adds: .llvm.123
        var dot = name.LastIndexOf("E."u8);
        var mangled = dot > 0 ? name[..(dot + 1)] : name;
        return mangled.Length > 24
            && mangled[^1] == 'E'
            && mangled[^20..].StartsWith("17h"u8)
            && !mangled[^17..^1].ContainsAnyExcept(HexDigits);
    }
}
