using System.Collections.Immutable;

namespace Builder.Analysis.Opam;

/// <summary>
/// What a package depends on: the names in its <c>depends</c> and <c>depopts</c> that are installed; or, where the root carries
/// <c>x-orb-dependencies</c> (a unikernel, whose libraries are vendored and not installed), what is written there and nothing else.
/// </summary>
internal static class DirectDependencies
{
    private static readonly Comparer<OpamText> ByName = Comparer<OpamText>.Create(PackageId.CompareNames);

    public static Func<OpamText, ImmutableArray<OpamText>> Of(SwitchExport export, OpamText root)
    {
        if (export.Packages.GetValueOrDefault(root)?["x-orb-dependencies"] is { } value && ReadOrb(value) is { } written)
            return name => written.GetValueOrDefault(name, []);
        var installed = export.Installed.Select(package => package.Name).ToHashSet();
        return name => export.Packages.TryGetValue(name, out var package)
            ? Sort(package.Depends.Concat(package.Depopts).Where(installed.Contains))
            : [];
    }

    private static Dictionary<OpamText, ImmutableArray<OpamText>>? ReadOrb(OpamValue value)
    {
        var read = new Dictionary<OpamText, ImmutableArray<OpamText>>();
        foreach (var entry in OpamShape.Entries(value))
        {
            if (entry is not OpamValue.List { Values: [OpamValue.Text name, .. var rest] } || rest.Length > 1)
                return null;
            ImmutableArray<OpamText>? names = rest is [var dependencies] ? OpamShape.Texts(dependencies) : [];
            if (names is null)
                return null;
            read[name.Value] = Sort(names.Value.Where(text => PackageId.IsName(text.Span)));
        }
        return read;
    }

    private static ImmutableArray<OpamText> Sort(IEnumerable<OpamText> names) => [.. names.Distinct().Order(ByName)];
}
