using System.Text;

namespace Builder.Analysis.Elf;

/// <summary>
/// The symbols that the OCaml compiler puts around a unit's code and data: <c>camlM__code_begin</c> up to OCaml 5.0,
/// <c>camlM.code_begin</c> from 5.1, with <c>$</c> where the assembler takes no dot.
/// </summary>
internal static class OCamlMarker
{
    public const int CodeBegin = 0;
    public const int CodeEnd = 1;
    public const int DataBegin = 2;
    public const int DataEnd = 3;
    public const int Frametable = 4;

    public static bool TryParse(ReadOnlySpan<byte> symbol, out string unit, out int marker)
    {
        unit = "";
        marker = -1;
        if (!symbol.StartsWith("caml"u8))
            return false;
        var rest = symbol[4..];
        if (Cut(ref rest, "code_begin"u8))
            marker = CodeBegin;
        else if (Cut(ref rest, "code_end"u8))
            marker = CodeEnd;
        else if (Cut(ref rest, "data_begin"u8))
            marker = DataBegin;
        else if (Cut(ref rest, "data_end"u8))
            marker = DataEnd;
        else if (Cut(ref rest, "frametable"u8))
            marker = Frametable;
        else
            return false;
        if (!Cut(ref rest, "__"u8) && !Cut(ref rest, "."u8) && !Cut(ref rest, "$"u8))
            return false;
        // caml_startup and caml_system: the compiler's own units.
        if (rest.StartsWith("_"u8))
            rest = rest[1..];
        unit = Encoding.UTF8.GetString(rest);
        return unit.Length > 0;
    }

    private static bool Cut(ref ReadOnlySpan<byte> text, ReadOnlySpan<byte> suffix)
    {
        if (!text.EndsWith(suffix))
            return false;
        text = text[..^suffix.Length];
        return true;
    }
}
