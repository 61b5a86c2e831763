using Builder.Analysis.Difference.Causes;
using Builder.Analysis.Difference.Containers;
using Builder.Analysis.Difference.Leaves;

namespace Builder.Analysis.Difference;

/// <summary>Why two files differ: opens what is packed, compares what is inside, and names the causes.</summary>
public static class DifferenceEngine
{
    /// <summary>The order is that of trying; the last one takes everything.</summary>
    private static IReadOnlyList<IContentComparer> Comparers() =>
    [
        new Elf.ElfComparer(), new PackedComparer(), new ArComparer(), new TarComparer(), new ZipComparer(), new CpioComparer(), new PngComparer(),
        new PycComparer(), new CatalogueComparer(), new JsonComparer(), new TextComparer(), new BytesComparer(),
    ];

    /// <summary>Compares two files.</summary>
    /// <exception cref="IOException">One of them cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up. A time limit that is reached is no error: the result says so.</exception>
    public static async Task<DifferenceResult> CompareAsync(string left, string right, DifferenceOptions options, CancellationToken cancellationToken)
    {
        using var leftContent = Content.Open(left);
        using var rightContent = Content.Open(right);
        return await CompareAsync(leftContent, rightContent, left, right, options, cancellationToken);
    }

    /// <summary>Compares two contents that the caller keeps open.</summary>
    /// <param name="leftName">As the answer names it.</param>
    public static async Task<DifferenceResult> CompareAsync(
        Content left, Content right, string leftName, string rightName, DifferenceOptions options, CancellationToken cancellationToken)
    {
        var hashing = Task.Run(() => left.Sha256, cancellationToken);
        var rightHash = right.Sha256;
        var (leftFile, rightFile) = (new ComparedFile(leftName, left.Length, await hashing), new ComparedFile(rightName, right.Length, rightHash));
        if (leftFile.Sha256 == rightHash)
            return new DifferenceResult(leftFile, rightFile, [], null);

        using var time = new CancellationTokenSource(options.Limits.MaxTime, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        var context = new DifferenceContext(options, Comparers(), either.Token);
        var root = await context.CompareAsync(new ContentPair(left, right, "", 0)) ?? new DifferenceNode("", "bytes");
        cancellationToken.ThrowIfCancellationRequested();
        return new DifferenceResult(leftFile, rightFile, CauseList.Of(root, options.Excluded), root);
    }
}
