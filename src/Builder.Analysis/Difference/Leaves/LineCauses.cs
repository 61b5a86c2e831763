using System.Globalization;
using Builder.Analysis.Difference.Causes;

namespace Builder.Analysis.Difference.Leaves;

/// <summary>The causes of the lines of one text, one for each kind: the first line that shows it, and how many do.</summary>
internal sealed class LineCauses(CauseFinder finder)
{
    private readonly List<(CauseKind Kind, bool Follows)> order = [];
    private readonly Dictionary<(CauseKind Kind, bool Follows), (string Place, string Left, string Right, int Count)> causes = [];

    /// <returns>True where the line follows from another difference.</returns>
    public bool Add(int line, string left, string right)
    {
        var place = string.Create(CultureInfo.InvariantCulture, $"line {line}");
        if (!DigestPattern.IsCause(left, right))
        {
            Add(place, left, right, finder.FindAll(left, right));
            return false;
        }
        AddFollower(place, left, right);
        return true;
    }

    public void Add(string place, string left, string right, IReadOnlyList<CauseKind> kinds)
    {
        foreach (var kind in kinds)
            Add((kind, false), place, left, right);
    }

    public void AddFollower(string place, string left, string right) => Add((CauseKind.Content, true), place, left, right);

    public void AddTo(DifferenceNode node, ContentPair pair)
    {
        foreach (var key in order)
        {
            var (place, left, right, count) = causes[key];
            (left, right) = Evidence(left, right);
            node.Causes.Add(
                finder.Create(key.Kind, pair.PlaceOf(place), left, right, key.Follows ? CauseStrength.Follower : null) with
                {
                    Count = count,
                }
            );
        }
    }

    private void Add((CauseKind Kind, bool Follows) key, string place, string left, string right)
    {
        if (causes.TryGetValue(key, out var known))
        {
            causes[key] = known with { Count = known.Count + 1 };
            return;
        }
        order.Add(key);
        causes.Add(key, (place, left, right, 1));
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
