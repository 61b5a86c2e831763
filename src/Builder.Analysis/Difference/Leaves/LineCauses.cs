using System.Globalization;
using Builder.Analysis.Difference.Causes;

namespace Builder.Analysis.Difference.Leaves;

/// <summary>The causes of the lines of one text, one for each kind: the first line that shows it, and how many do.</summary>
internal sealed class LineCauses(CauseFinder finder)
{
    private readonly List<CauseKind> order = [];
    private readonly Dictionary<CauseKind, (string Place, string Left, string Right, int Count)> causes = [];

    public void Add(int line, string left, string right) =>
        Add(string.Create(CultureInfo.InvariantCulture, $"line {line}"), left, right, finder.FindAll(left, right));

    public void Add(string place, string left, string right, IReadOnlyList<CauseKind> kinds)
    {
        foreach (var kind in kinds)
        {
            if (causes.TryGetValue(kind, out var known))
            {
                causes[kind] = known with { Count = known.Count + 1 };
                continue;
            }
            order.Add(kind);
            causes.Add(kind, (place, left, right, 1));
        }
    }

    public void AddTo(DifferenceNode node, ContentPair pair)
    {
        foreach (var kind in order)
        {
            var (place, left, right, count) = causes[kind];
            (left, right) = Evidence(left, right);
            node.Causes.Add(finder.Create(kind, pair.PlaceOf(place), left, right) with { Count = count });
        }
    }

    // The words that differ, where the lines are long.
    private static (string Left, string Right) Evidence(string left, string right)
    {
        if (left.Length <= 160 && right.Length <= 160)
            return (left, right);
        var prefix = Math.Max(0, left.AsSpan().CommonPrefixLength(right) - 40);
        return (left[prefix..], right[prefix..]);
    }
}
