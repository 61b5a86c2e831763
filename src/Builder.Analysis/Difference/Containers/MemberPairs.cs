using Builder.Analysis.Difference.Causes;

namespace Builder.Analysis.Difference.Containers;

/// <summary>Which members of two archives stand for each other.</summary>
internal sealed class MemberPairs
{
    private const int MaxGuesses = 64;

    private readonly Dictionary<(string Name, int Occurrence), int> right = [];

    private MemberPairs() { }

    /// <summary>Indices of members with the same name, in the order of the left side.</summary>
    public List<(int Left, int Right)> Same { get; } = [];

    /// <summary>Members whose names differ by a time, a random part or the like.</summary>
    public List<(int Left, int Right, CauseKind Kind)> Renamed { get; } = [];

    public List<int> OnlyLeft { get; } = [];

    public List<int> OnlyRight { get; } = [];

    /// <summary>Whether the common members stand in the same order.</summary>
    public bool IsSameOrder { get; private set; } = true;

    public static MemberPairs Of(IReadOnlyList<ArchiveMember> left, IReadOnlyList<ArchiveMember> right, CauseFinder finder)
    {
        var pairs = new MemberPairs();
        pairs.Match(left, right);
        pairs.MatchRenamed(left, right, finder);
        return pairs;
    }

    private void Match(IReadOnlyList<ArchiveMember> leftMembers, IReadOnlyList<ArchiveMember> rightMembers)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < rightMembers.Count; i++)
            right.Add((rightMembers[i].Name, seen[rightMembers[i].Name] = seen.GetValueOrDefault(rightMembers[i].Name) + 1), i);
        seen.Clear();
        var last = -1;
        for (var i = 0; i < leftMembers.Count; i++)
        {
            if (
                !right.Remove(
                    (leftMembers[i].Name, seen[leftMembers[i].Name] = seen.GetValueOrDefault(leftMembers[i].Name) + 1),
                    out var other
                )
            )
            {
                OnlyLeft.Add(i);
                continue;
            }
            Same.Add((i, other));
            IsSameOrder &= other > last;
            last = other;
        }
        OnlyRight.AddRange(right.Values.Order());
    }

    private void MatchRenamed(IReadOnlyList<ArchiveMember> left, IReadOnlyList<ArchiveMember> right, CauseFinder finder)
    {
        if (OnlyLeft.Count > MaxGuesses || OnlyRight.Count > MaxGuesses)
            return;
        foreach (var l in OnlyLeft.ToList())
        {
            foreach (var r in OnlyRight)
            {
                if (left[l].Type != right[r].Type)
                    continue;
                var kind = Stem(left[l].Name) == Stem(right[r].Name) ? CauseKind.Compression : finder.Find(left[l].Name, right[r].Name);
                if (kind == CauseKind.Content)
                    continue;
                Renamed.Add((l, r, kind));
                OnlyLeft.Remove(l);
                OnlyRight.Remove(r);
                break;
            }
        }
    }

    // data.tar.xz and data.tar.zst hold the same thing.
    private static string Stem(string name)
    {
        foreach (var ending in (ReadOnlySpan<string>)[".gz", ".xz", ".zst", ".bz2", ".lzma"])
        {
            if (name.EndsWith(ending, StringComparison.Ordinal))
                return name[..^ending.Length];
        }
        return name;
    }
}
