using Builder.Analysis.Elf;

namespace Builder.Analysis.Packages;

/// <summary>
/// The libraries of a binary: shared ones that it names itself, and libraries of C and crates of Rust that were linked into it, as far as the names of
/// symbols tell. None has a version.
/// </summary>
public static class LinkedLibraries
{
    private const int MaxLibraries = 5000;

    /// <summary>In order.</summary>
    public static IReadOnlyList<string> Of(ElfFile file, DissectionNode? root)
    {
        var names = new SortedSet<string>(DynamicSection.NeededLibraries(file), StringComparer.Ordinal);
        if (root is not null)
        {
            foreach (var group in root.Children.Where(static node => node.Kind is DissectionKind.C or DissectionKind.Rust))
                names.UnionWith(group.Children.Select(static node => node.Name).Where(IsName));
        }
        return [.. names.Take(MaxLibraries)];
    }

    /// <summary>Parts that no symbol names have names with blanks or brackets.</summary>
    private static bool IsName(string name) => name.Length is > 0 and <= 200 && name.AsSpan().IndexOfAny(' ', '(', '<') < 0;
}
