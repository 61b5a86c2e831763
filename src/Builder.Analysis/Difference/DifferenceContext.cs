using Builder.Analysis.Difference.Causes;
using Builder.Analysis.Difference.Leaves;

namespace Builder.Analysis.Difference;

/// <summary>One comparison under way: its limits, what is known, and how members are compared. Not for use from several threads but for unpacking.</summary>
public sealed class DifferenceContext
{
    private const long AlwaysUnpacked = 1 << 20;

    private readonly IReadOnlyList<IContentComparer> comparers;
    private readonly Spool spool;
    private int members;
    private int nodes;
    private long leftExpanded;
    private long rightExpanded;

    internal DifferenceContext(DifferenceOptions options, IReadOnlyList<IContentComparer> comparers, CancellationToken cancellationToken)
    {
        Options = options;
        this.comparers = comparers;
        spool = new Spool(options.Limits, options.TemporaryDirectory);
        Causes = new CauseFinder(options);
        CancellationToken = cancellationToken;
    }

    public DifferenceOptions Options { get; }

    public DifferenceLimits Limits => Options.Limits;

    public CauseFinder Causes { get; }

    /// <summary>Fires when the caller gives up and when the time is over. Comparers let the exception pass.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>Compares two members that stand at the same place. Null where they are equal.</summary>
    public async ValueTask<DifferenceNode?> CompareAsync(ContentPair pair)
    {
        try
        {
            if (Content.AreEqual(pair.Left, pair.Right, CancellationToken))
                return null;
            return await CompareDifferentAsync(pair);
        }
        catch (OperationCanceledException) when (CancellationToken.IsCancellationRequested)
        {
            return Unread(pair, $"not compared: the time limit of {Limits.MaxTime.TotalSeconds:0} s is reached");
        }
        catch (Exception exception) when (IsBrokenInput(exception))
        {
            return Unread(pair, $"cannot be read: {exception.Message}");
        }
    }

    /// <summary>A member that only one side has.</summary>
    public static DifferenceNode OneSide(Content content, string path, bool isLeft, string kind)
    {
        var node = new DifferenceNode(path, kind) { Status = isLeft ? DifferenceStatus.OnlyLeft : DifferenceStatus.OnlyRight };
        var summary = content.Summarize();
        (node.Left, node.Right) = isLeft ? (summary, (ContentSummary?)null) : (null, summary);
        return node;
    }

    /// <summary>Takes account of members that were found.</summary>
    /// <exception cref="InvalidDataException">There are too many in all.</exception>
    public void CountMembers(int count)
    {
        members += count;
        if (members > Limits.MaxMembers)
            throw new InvalidDataException($"the archives have more than {Limits.MaxMembers} members in all");
    }

    /// <summary>False where the answer has as many nodes as it may have: the rest is only counted.</summary>
    public bool TryAddNode() => ++nodes <= Limits.MaxNodes;

    /// <summary>Keeps what <paramref name="unpacked"/> gives; both sides may do so at the same time.</summary>
    /// <param name="packedLength">In bytes.</param>
    /// <exception cref="InvalidDataException">A limit is reached.</exception>
    public Content Unpack(string name, Stream unpacked, long packedLength, bool isLeft)
    {
        long given = 0;
        return spool.Keep(name, unpacked, Allow, CancellationToken);

        void Allow(int count)
        {
            given += count;
            if (given > AlwaysUnpacked && given / Limits.MaxRatio > packedLength)
                throw new InvalidDataException($"it unpacks to more than {Limits.MaxRatio} times its size");
            if ((isLeft ? leftExpanded += count : rightExpanded += count) > Limits.MaxExpanded)
                throw new InvalidDataException($"more than {Limits.MaxExpanded} bytes are unpacked");
        }
    }

    /// <summary>What readers of hostile input may throw; anything else is an error of ours.</summary>
    public static bool IsBrokenInput(Exception exception) => exception is InvalidDataException or EndOfStreamException;

    internal async ValueTask<DifferenceNode> CompareDifferentAsync(ContentPair pair)
    {
        if (!TryAddNode())
            return Unread(pair, $"not compared: the answer already has {Limits.MaxNodes} nodes");
        if (pair.Depth >= Limits.MaxDepth)
            return Summarized(await BytesAsync(pair, $"not opened: archives are nested more than {Limits.MaxDepth} deep"), pair);
        string? notice = null;
        foreach (var comparer in comparers)
        {
            try
            {
                if (comparer.Takes(pair.Left, pair.Right))
                    return Summarized(Explained(await comparer.CompareAsync(pair, this), pair), pair, notice);
            }
            catch (Exception exception) when (IsBrokenInput(exception))
            {
                notice = exception.Message;
            }
        }
        return Summarized(await BytesAsync(pair, notice), pair);
    }

    // Padding, a last line feed, trailing data: what the reader of the format does not look at.
    private DifferenceNode Explained(DifferenceNode node, ContentPair pair)
    {
        if (node.Causes.Count == 0 && node.Children.Count == 0 && !node.Changes.Exists(change => change.Follows))
            BytesComparer.AddRanges(node, pair, 0, this);
        return node;
    }

    private async ValueTask<DifferenceNode> BytesAsync(ContentPair pair, string? notice)
    {
        var node = await comparers[^1].CompareAsync(pair, this);
        if (notice is not null)
            node.Notices.Add(notice);
        return node;
    }

    private static DifferenceNode Summarized(DifferenceNode node, ContentPair pair, string? notice = null)
    {
        (node.Left, node.Right) = (pair.Left.Summarize(), pair.Right.Summarize());
        if (notice is not null)
            node.Notices.Add(notice);
        return node;
    }

    private DifferenceNode Unread(ContentPair pair, string notice)
    {
        var node = new DifferenceNode(pair.Path, "bytes");
        node.Notices.Add(notice);
        node.Causes.Add(Causes.Create(CauseKind.Content, pair.Path, $"{pair.Left.Length} bytes", $"{pair.Right.Length} bytes"));
        return node;
    }
}
