namespace Builder.Analysis.Difference.Elf;

/// <summary>Compares all functions that match.</summary>
internal sealed class CodeDifference
{
    /// <summary>After so many the rest is counted only by the first instruction that differs.</summary>
    private const int MaxConfirmed = 400;

    private readonly CodeSide left;
    private readonly CodeSide right;
    private readonly AddressTargetComparer places;
    private readonly InstructionDiff diff;

    private CodeDifference(CodeSide left, CodeSide right, FunctionMatch match)
    {
        (this.left, this.right, Match) = (left, right, match);
        places = new AddressTargetComparer(left, right, match);
        diff = new InstructionDiff(left, right, match, places);
    }

    public FunctionMatch Match { get; }

    public List<CodeChange> Changed { get; } = [];

    /// <summary>Functions whose code is the same at another address.</summary>
    public int Moved { get; private set; }

    public int Same { get; private set; }

    /// <summary>Functions whose bytes are not in these files.</summary>
    public int Unread { get; private set; }

    public AddressTargetComparer Places => places;

    public IReadOnlyList<LiteralChange> LiteralChanges => places.LiteralChanges;

    public IEnumerable<ElfFunction> OnlyLeft => left.Functions.Where(function => Match.RightOf[function.Index] < 0);

    public IEnumerable<ElfFunction> OnlyRight => right.Functions.Where(function => Match.LeftOf[function.Index] < 0);

    public static CodeDifference Of(CodeSide left, CodeSide right, CancellationToken cancellationToken)
    {
        var match = FunctionMatcher.Match(left.Functions, right.Functions, left.Hashes, right.Hashes, cancellationToken);
        var difference = new CodeDifference(left, right, match);
        difference.Run(cancellationToken);
        return difference;
    }

    /// <summary>Functions that stand in another order, and one of them with what it came to stand before.</summary>
    public (int Count, ElfFunction? Example) Reordered()
    {
        // All but the longest rising sequence of places.
        var sequence = left.Functions.Select(function => Match.RightOf[function.Index]).Where(index => index >= 0).ToArray();
        var tails = new List<int>();
        foreach (var index in sequence)
        {
            var at = tails.BinarySearch(index);
            at = at < 0 ? ~at : at;
            if (at == tails.Count)
                tails.Add(index);
            else
                tails[at] = index;
        }
        var highest = -1;
        ElfFunction? example = null;
        foreach (var index in sequence)
        {
            if (index < highest)
                example ??= right.Functions[index];
            highest = Math.Max(highest, index);
        }
        return (sequence.Length - tails.Count, example);
    }

    private void Run(CancellationToken cancellationToken)
    {
        foreach (var function in left.Functions)
        {
            if ((function.Index & 0xFF) == 0)
                cancellationToken.ThrowIfCancellationRequested();
            if (Match.RightOf[function.Index] is not (>= 0 and var index))
                continue;
            var other = right.Functions[index];
            if (Differs(function, other) is not { } change)
                Count(function, other);
            else
                Changed.Add(change);
        }
    }

    private void Count(ElfFunction function, ElfFunction other)
    {
        if (function.Start == other.Start)
            Same++;
        else
            Moved++;
    }

    private CodeChange? Differs(ElfFunction function, ElfFunction other)
    {
        if (!left.Reader.TryStart(function) || !right.Reader.TryStart(other))
        {
            Unread++;
            // A separate debug file has no code, but it says how long functions are.
            return function.Size == other.Size ? null : new CodeChange(function, other, [], -1, -1);
        }
        while (true)
        {
            var more = left.Reader.Next(out var leftItem);
            if (more != right.Reader.Next(out var rightItem) || more && !places.AreEqual(leftItem, rightItem, function, other))
                break;
            if (!more)
                return null;
        }
        return Changed.Count < MaxConfirmed ? diff.Of(function, other) : new CodeChange(function, other, [], -1, -1);
    }
}
