using System.Globalization;

namespace Builder.Analysis.Difference.Elf;

/// <summary>Collects the answer: a node for each section, with its changes and causes.</summary>
internal sealed class ElfReport(ContentPair pair, DifferenceContext context)
{
    /// <summary>Texts and objects of one section that are told one by one.</summary>
    private const int MaxShown = 40;

    private readonly DifferenceNode root = new(pair.Path, "ELF");
    private readonly Dictionary<string, DifferenceNode> nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> cut = new(StringComparer.Ordinal);
    private readonly HashSet<(string, string)> seen = [];
    private readonly List<(DifferenceNode Node, string Place, string? Left, string? Right)> waiting = [];
    private int moved;

    public bool HasCauses { get; private set; }

    /// <summary>Functions changed or stand in another order.</summary>
    public bool IsCodeDifferent { get; set; }

    public Causes.CauseFinder Finder => context.Causes;

    public void Summary(string text) => root.Changes.Add(new Change(ChangeType.Symbols, "functions", null, null) { Text = text });

    /// <summary>A named value with a cause, found from the values where <paramref name="kind"/> is null.</summary>
    public void Value(string section, string place, string left, string right, CauseKind? kind, int? strength = null)
    {
        NodeOf(section)
            .Changes.Add(new Change(kind == CauseKind.Ordering ? ChangeType.Order : ChangeType.Field, place, Shown(left), Shown(right)));
        Cause(section, kind ?? Finder.Find(left, right), left, right, strength);
    }

    /// <summary>A text with another at the same place.</summary>
    public void Text(string section, string place, string left, string right)
    {
        if (!seen.Add((left, right)))
            return;
        if (TryShow(section))
            NodeOf(section).Changes.Add(new Change(ChangeType.Field, place, Shown(left), Shown(right)));
        var (shortLeft, shortRight) = Difference(left, right);
        Cause(section, Finder.Find(left, right), shortLeft, shortRight, null);
    }

    public void Data(string section, DataChange change)
    {
        if (change.IsText)
        {
            Text(section, change.Symbol.Name, change.Left, change.Right);
            return;
        }
        var place = $"{section} {change.Symbol.Name}";
        if (TryShow(section))
            NodeOf(section).Changes.Add(new Change(ChangeType.Field, place, change.Left, change.Right));
        // In files whose functions changed, tables of numbers often hold distances between them.
        var kind = Finder.Find(change.Left, change.Right);
        Cause(place, kind, change.Left, change.Right, null);
    }

    /// <summary>A text or an object that only one side has: the reason is another difference, if there is one.</summary>
    public void OneSided(string section, string place, string? left, string? right)
    {
        if (left is not null && !seen.Add((left, "")) || right is not null && !seen.Add(("", right)))
            return;
        if (TryShow(section))
            NodeOf(section)
                .Changes.Add(new Change(ChangeType.Symbols, place, left is null ? null : Shown(left), right is null ? null : Shown(right)));
        waiting.Add((NodeOf(section), section, left, right));
    }

    public void Reordered(string section, string place, string left, string right)
    {
        NodeOf(section).Changes.Add(new Change(ChangeType.Order, place, Shown(left), Shown(right)));
        Cause(section, CauseKind.Ordering, left, right, null);
    }

    public void Change(string section, Change change) => NodeOf(section).Changes.Add(change);

    public void Cause(string place, CauseKind kind, string left, string right, int? strength, int count = 1)
    {
        HasCauses = true;
        var section = place.Split(' ', 2)[0];
        NodeOf(section).Causes.Add(Finder.Create(kind, pair.PlaceOf(place), left, right, strength) with { Count = count });
    }

    public void Follows(string section, ChangeType type, string place, string? left, string? right) =>
        NodeOf(section).Changes.Add(new Change(type, place, left, right) { Follows = true });

    public void Moved(string section, string left, string right)
    {
        moved++;
        if (nodes.TryGetValue(section, out var node))
            node.Changes.Add(new Change(ChangeType.Field, "address", left, right) { Follows = true });
    }

    public void SectionOnOneSide(string section, bool isLeft, string size, bool isDerived)
    {
        var node = NodeOf(section);
        node.Status = isLeft ? DifferenceStatus.OnlyLeft : DifferenceStatus.OnlyRight;
        node.Changes.Add(new Change(ChangeType.Symbols, "section", isLeft ? size : null, isLeft ? null : size) { Follows = isDerived });
        if (!isDerived)
            waiting.Add((node, section, isLeft ? size : null, isLeft ? null : size));
        else
            unexplainedSections.Add((node, section, isLeft ? size : null, isLeft ? null : size));
    }

    public void Notice(string section, string text) => NodeOf(section).Notices.Add(text);

    public DifferenceNode Finish()
    {
        if (!HasCauses && waiting.Count == 0)
            waiting.AddRange(unexplainedSections);
        if (!HasCauses || !IsCodeDifferent)
        {
            foreach (var (_, section, left, right) in waiting.DistinctBy(one => one.Place))
                Cause(section, CauseKind.Content, left ?? "", right ?? "", CauseStrength.OneSide);
        }
        foreach (var (section, count) in cut.Where(entry => entry.Value > MaxShown))
            Notice(section, string.Create(CultureInfo.InvariantCulture, $"{count - MaxShown} more differ"));
        if (moved > 0)
            root.Changes.Add(
                new Change(ChangeType.Field, "sections", null, null)
                {
                    Text = string.Create(CultureInfo.InvariantCulture, $"{moved} sections have another address"),
                    Follows = true,
                }
            );
        foreach (var node in nodes.Values)
        {
            node.Follows = node.Causes.Count == 0;
            root.Children.Add(node);
        }
        root.Children.Sort((a, b) => a.Follows.CompareTo(b.Follows));
        return root;
    }

    private readonly List<(DifferenceNode Node, string Place, string? Left, string? Right)> unexplainedSections = [];

    private bool TryShow(string section)
    {
        cut[section] = cut.GetValueOrDefault(section) + 1;
        return cut[section] <= MaxShown;
    }

    private DifferenceNode NodeOf(string section)
    {
        if (!nodes.TryGetValue(section, out var node))
            nodes.Add(section, node = new DifferenceNode(pair.PlaceOf(section), "section"));
        return node;
    }

    /// <summary>Of long texts the part around the difference.</summary>
    private static (string Left, string Right) Difference(string left, string right)
    {
        const int Around = 40;
        const int Short = 160;
        if (left.Length <= Short && right.Length <= Short)
            return (left, right);
        var from = Math.Max(0, left.AsSpan().CommonPrefixLength(right) - Around);
        return (left[from..Math.Min(left.Length, from + Short)], right[from..Math.Min(right.Length, from + Short)]);
    }

    private static string Shown(string text) => Causes.CauseFinder.Shown(text);
}
