using System.Text;
using Builder.Analysis.Elf;

namespace Builder.Analysis.Difference.Elf;

/// <summary>Names as in the source: <c>Stdlib.List.map</c> for OCaml, namespaces and crates for C++ and Rust.</summary>
internal static class FunctionNames
{
    public static string Display(string name)
    {
        if (ModuleOf(name) is { } module)
            return $"{module}.{SymbolName.Display(Encoding.UTF8.GetBytes(name), DissectionKind.OCamlCode)}";
        var bytes = Encoding.UTF8.GetBytes(name);
        return SymbolName.Display(bytes, SymbolName.LanguageOf(bytes, isGo: false));
    }

    /// <summary>The unit of OCaml that a symbol belongs to; null where it is none.</summary>
    public static string? ModuleOf(string name)
    {
        if (!name.StartsWith("caml", StringComparison.Ordinal) || name.Length < 6 || !char.IsAsciiLetterUpper(name[4]))
            return null;
        // camlDune__exe__Main__run_123 up to OCaml 5.0, camlMain.run_123 from 5.1.
        var end = name.IndexOfAny(['.', '$']);
        if (end < 0)
        {
            end = name.LastIndexOf("__", StringComparison.Ordinal);
            while (end > 5 && name[end - 1] == '_')
                end--;
        }
        return end <= 4 ? null : name[4..end].Replace("__", ".", StringComparison.Ordinal);
    }
}
