using System.Collections.Immutable;
using Builder.Analysis.Elf;

namespace Builder.Analysis.Advisories;

/// <summary>The OCaml modules in a binary, and whether those that an advisory names are among them.</summary>
public sealed class LinkedUnits
{
    private LinkedUnits(ImmutableArray<string> units) => Units = units;

    /// <summary>Compilation units as they were linked, such as <c>Stdlib__List</c>, in order; empty where no symbol tells.</summary>
    public ImmutableArray<string> Units { get; }

    public static LinkedUnits Of(IEnumerable<string> units) =>
        new([.. units.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);

    /// <summary>By the symbols that the compiler puts around each unit.</summary>
    /// <param name="reason">Why the symbols cannot be read; null where they can.</param>
    public static LinkedUnits Of(ElfFile file, out string? reason)
    {
        if (!file.TryReadSymbols(out var symbols, out reason))
            return Of([]);
        var units = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < symbols.Count; index++)
        {
            if (OCamlMarker.TryParse(symbols.NameOf(symbols[index]), out var unit, out var marker) && marker != OCamlMarker.Frametable)
                units.Add(unit);
        }
        return Of(units.Where(static unit => char.IsAsciiLetterUpper(unit[0])));
    }

    /// <summary>
    /// True where a module of the bindings is linked, false where none is, null where that cannot be told: the bindings name no module, the
    /// binary has no names of OCaml, or other parts of the library are linked and an alias may lead to one of them.
    /// </summary>
    public bool? Contains(IEnumerable<string> bindings)
    {
        if (Units.IsEmpty)
            return null;
        bool? answer = null;
        var isUnknown = false;
        foreach (
            var path in bindings.Select(Modules).Where(static path => path.Count > 0).DistinctBy(static path => string.Join('.', path))
        )
        {
            var isLinked = Contains(path);
            if (isLinked == true)
                return true;
            isUnknown |= isLinked is null;
            answer = false;
        }
        return isUnknown ? null : answer;
    }

    // The compiler's rule for aliases: Stdlib.Bigarray and Bigarray are the unit Stdlib__Bigarray, and Lib.Part of a wrapped library is Lib__Part.
    private bool? Contains(List<string> path)
    {
        if (path[0] == "Stdlib" && path.Count > 1)
            return Has($"Stdlib__{path[1]}");
        if (Has(path[0]) || Has($"Stdlib__{path[0]}") || (path.Count > 1 && Has($"{path[0]}__{path[1]}")))
            return true;
        return Units.Any(unit => unit.StartsWith($"{path[0]}__", StringComparison.Ordinal)) ? null : false;
    }

    private bool Has(string unit) => Units.BinarySearch(unit, StringComparer.Ordinal) >= 0;

    /// <summary><c>Cohttp_lwt.Make().resolve</c> is Cohttp_lwt, Make; a C function has no module.</summary>
    private static List<string> Modules(string binding) =>
        [
            .. binding
                .Split('.')
                .SkipLast(1)
                .Select(static part => part.IndexOf('(', StringComparison.Ordinal) is var cut and >= 0 ? part[..cut] : part)
                .TakeWhile(static part => part.Length > 0 && char.IsAsciiLetterUpper(part[0])),
        ];
}
