using System.Collections.Immutable;

namespace Builder.Analysis.Opam;

/// <summary>
/// What a package depends on: the names in its <c>depends</c> and <c>depopts</c> that are installed; or, where the root carries
/// <c>x-orb-dependencies</c> (a unikernel, whose libraries are vendored and not installed), what is written there and nothing else.
/// </summary>
internal static class DirectDependencies
{
    private static readonly Comparer<OpamText> ByName = Comparer<OpamText>.Create(PackageId.CompareNames);

    /// <summary>
    /// The packages that <paramref name="roots"/> reach, each with what it depends on; a package that several roots reach has what any of
    /// them says. A walk for the roots without written dependencies, and one through what each of the others wrote.
    /// </summary>
    public static SortedDictionary<OpamText, ImmutableArray<OpamText>> Reached(SwitchExport export, ImmutableArray<OpamText> roots)
    {
        var nodes = new SortedDictionary<OpamText, ImmutableArray<OpamText>>(ByName);
        var plain = new List<OpamText>();
        foreach (var root in roots)
        {
            if (export.Packages.GetValueOrDefault(root)?["x-orb-dependencies"] is { } value && ReadOrb(value) is { } written)
                Walk([root], name => written.GetValueOrDefault(name, []), nodes);
            else
                plain.Add(root);
        }
        if (plain.Count == 0)
            return nodes;
        var installed = export.Installed.Select(package => package.Name).ToHashSet();
        Walk(
            plain,
            name =>
                export.Packages.TryGetValue(name, out var package)
                    ? Sort(package.Depends.Concat(package.Depopts).Where(installed.Contains))
                    : [],
            nodes
        );
        return nodes;
    }

    private static void Walk(
        IEnumerable<OpamText> from,
        Func<OpamText, ImmutableArray<OpamText>> dependencies,
        SortedDictionary<OpamText, ImmutableArray<OpamText>> nodes
    )
    {
        var seen = new HashSet<OpamText>();
        var ahead = new Stack<OpamText>(from);
        while (ahead.TryPop(out var name))
        {
            if (!seen.Add(name))
                continue;
            var direct = dependencies(name);
            nodes[name] = nodes.TryGetValue(name, out var known) && !known.IsEmpty ? Sort(known.Concat(direct)) : direct;
            foreach (var next in direct)
                ahead.Push(next);
        }
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
