using System.Globalization;
using Builder.Analysis.Difference.Causes;

namespace Builder.Analysis.Difference.Elf;

/// <summary>Places and functions as people read them.</summary>
internal static class AddressTargetNames
{
    private const int MaxText = 48;

    public static string Of(CodeSide side, AddressTarget place, ulong address)
    {
        var offset = place.Offset == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"+0x{place.Offset:x}");
        switch (place.Kind)
        {
            case AddressTargetKind.Function:
                return $"{Of(side.Functions[place.Index])}{offset}";
            case AddressTargetKind.Import:
                return $"{place.Name}{offset}";
            case AddressTargetKind.Data:
                return $"{side.Places.Data[place.Index].Name}{offset}";
            case AddressTargetKind.Section:
                var text = side.Literals.TextAt(address);
                if (text.IsEmpty)
                    return side.Elf.Sections[place.Index].Name;
                var shown = Literals.Latin1(text[..Math.Min(text.Length, MaxText)]);
                return $"\"{CauseFinder.Shown(shown)}{(text.Length > MaxText ? "…" : "")}\"";
            default:
                return string.Create(CultureInfo.InvariantCulture, $"0x{address:x}");
        }
    }

    public static string Of(ElfFunction function) =>
        function.Name is { } name
            ? FunctionNames.Display(name)
            : string.Create(CultureInfo.InvariantCulture, $"function at 0x{function.Start:x}");
}
