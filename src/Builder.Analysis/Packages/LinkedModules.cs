using System.Collections.Immutable;
using Builder.Analysis.Elf;

namespace Builder.Analysis.Packages;

/// <summary>
/// The OCaml modules that a program was linked with, and the packages they are named after. A package whose modules have other names is not
/// found, so what is missing here says nothing.
/// </summary>
public sealed class LinkedModules
{
    private readonly Dictionary<string, SortedSet<string>> _byName = new(StringComparer.Ordinal);

    private LinkedModules(IEnumerable<string> modules)
    {
        foreach (var module in modules)
        {
            var key = Key(module);
            if (!_byName.TryGetValue(key, out var same))
                _byName.Add(key, same = new SortedSet<string>(StringComparer.Ordinal));
            same.Add(module);
        }
    }

    public bool IsEmpty => _byName.Count == 0;

    /// <summary>The modules of the whole program, by their first part: <c>Mirage_crypto_ec</c>.</summary>
    public ImmutableArray<string> All => [.. _byName.Values.SelectMany(modules => modules).Order(StringComparer.Ordinal)];

    /// <param name="units">Of an OCaml program; none of any other.</param>
    public static LinkedModules Of(IEnumerable<OCamlUnit> units) =>
        new(units.Select(unit => unit.Path[0]).Where(name => name is not ("startup" or "system")).Distinct(StringComparer.Ordinal));

    /// <summary>The modules with the name of a package, <c>mirage-crypto-ec</c>; empty where none is known.</summary>
    public ImmutableArray<string> OfPackage(string package) =>
        package is "ocaml" or "ocaml-base-compiler" or "ocaml-variants" or "ocaml-system" ? OfKey("stdlib") : OfKey(Key(package));

    private ImmutableArray<string> OfKey(string key) => _byName.TryGetValue(key, out var modules) ? [.. modules] : [];

    /// <summary>Modules begin with a capital and have no dashes.</summary>
    private static string Key(string name) => name.ToLowerInvariant().Replace('-', '_');
}
