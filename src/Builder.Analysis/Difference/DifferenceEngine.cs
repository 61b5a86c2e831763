using Builder.Analysis.Difference.Causes;
using Builder.Analysis.Difference.Containers;
using Builder.Analysis.Difference.Leaves;
using Builder.Analysis.Elf;

namespace Builder.Analysis.Difference;

/// <summary>Why two files differ: opens what is packed, compares what is inside, and names the causes.</summary>
public static class DifferenceEngine
{
    /// <summary>The order is that of trying; the last one takes everything.</summary>
    private static IReadOnlyList<IContentComparer> Comparers() =>
        [
            new Elf.ElfComparer(),
            new PackedComparer(),
            new ArComparer(),
            new TarComparer(),
            new ZipComparer(),
            new CpioComparer(),
            new PngComparer(),
            new PycComparer(),
            new CatalogueComparer(),
            new JsonComparer(),
            new TextComparer(),
            new BytesComparer(),
        ];

    /// <summary>Compares two files.</summary>
    /// <exception cref="IOException">One of them cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up. A time limit that is reached is no error: the result says so.</exception>
    public static async Task<DifferenceResult> CompareAsync(
        string left,
        string right,
        DifferenceOptions options,
        CancellationToken cancellationToken
    )
    {
        using var leftContent = Content.Open(left);
        using var rightContent = Content.Open(right);
        return await CompareAsync(leftContent, rightContent, left, right, options, cancellationToken);
    }

    /// <summary>Compares two contents that the caller keeps open.</summary>
    /// <param name="leftName">As the answer names it.</param>
    public static async Task<DifferenceResult> CompareAsync(
        Content left,
        Content right,
        string leftName,
        string rightName,
        DifferenceOptions options,
        CancellationToken cancellationToken
    )
    {
        var hashing = Task.Run(() => left.Sha256, cancellationToken);
        var rightHash = right.Sha256;
        var (leftFile, rightFile) = (
            new ComparedFile(leftName, left.Length, await hashing),
            new ComparedFile(rightName, right.Length, rightHash)
        );
        if (leftFile.Sha256 == rightHash)
            return new DifferenceResult(leftFile, rightFile, [], null);

        using var time = new CancellationTokenSource(options.Limits.MaxTime, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        var context = new DifferenceContext(options, Comparers(), either.Token);
        var root = await context.CompareAsync(new ContentPair(left, right, "", 0)) ?? new DifferenceNode("", "bytes");
        cancellationToken.ThrowIfCancellationRequested();
        return Result(leftFile, rightFile, root, options);
    }

    /// <summary>Compares two directories: names, modes, link targets and contents, not times. Links are never followed.</summary>
    /// <exception cref="IOException">A directory cannot be read.</exception>
    /// <exception cref="InvalidDataException">There are more members than the limit.</exception>
    public static async Task<DifferenceResult> CompareDirectoriesAsync(
        string left,
        string right,
        DifferenceOptions options,
        CancellationToken cancellationToken
    )
    {
        using var time = new CancellationTokenSource(options.Limits.MaxTime, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        var context = new DifferenceContext(options, Comparers(), either.Token);
        using var leftReader = new DirectoryReader(left, context);
        using var rightReader = new DirectoryReader(right, context);
        var (leftMembers, rightMembers) = (leftReader.Read(), rightReader.Read());
        var (leftFile, rightFile) = (Directory(left, leftMembers), Directory(right, rightMembers));
        var empty = new Content("", ByteSource.Of(ReadOnlyMemory<byte>.Empty));
        var format = new ArchiveFormat("directory", HasOrder: false);
        var root = await ArchiveComparison.CompareAsync(new ContentPair(empty, empty, "", 0), leftMembers, rightMembers, format, context);
        cancellationToken.ThrowIfCancellationRequested();
        var isSame = root.Children.Count == 0 && root.Changes.Count == 0 && root.Notices.Count == 0;
        return isSame ? new DifferenceResult(leftFile, rightFile, [], null) : Result(leftFile, rightFile, root, options);
    }

    private static DifferenceResult Result(ComparedFile left, ComparedFile right, DifferenceNode root, DifferenceOptions options)
    {
        Followers.Mark(root);
        var causes = CauseList.Of(root, options.Excluded);
        if (causes.Count == 0 && options.Excluded.Count == 0)
            causes =
            [
                new Cause(CauseKind.Content, root.Path, $"{left.Size} bytes", $"{right.Size} bytes", Fixes.For(CauseKind.Content))
                {
                    Strength = CauseStrength.Unknown,
                },
            ];
        return new DifferenceResult(left, right, causes, root);
    }

    private static ComparedFile Directory(string path, List<ArchiveMember> members) =>
        new(path, members.Sum(member => member.Packed.Length), "");
}
