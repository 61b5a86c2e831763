using System.Globalization;
using Builder.Analysis.Difference;
using Builder.Storage.Artifacts;
using Builder.Storage.Files;
using Builder.Web.Builds;
using Builder.Web.Html;
using ByteSource = Builder.Analysis.Elf.ByteSource;
using EngineFacts = Builder.Analysis.Difference.BuildFacts;

namespace Builder.Web.Difference;

/// <summary>Compares what two builds left, file by file, the main binaries first.</summary>
internal sealed class DifferenceMaker(IArtifactStore store, DataDirectory directory)
{
    /// <summary>Files that differ and are opened; of the others the tree says only that they differ.</summary>
    private const int MaxFiles = 200;

    private const int MaxCauses = 200;

    private static readonly DifferenceLimits Limits = new();

    /// <exception cref="DamagedContentException">A stored file is not what its hash says.</exception>
    public async Task<BuildDifference> MakeAsync(BuildSide left, BuildSide right, CancellationToken cancellationToken)
    {
        var root = new DifferenceNode("", "build");
        var causes = new List<Cause>();
        IReadOnlyList<Cause> ofMain = [];
        var began = TimeProvider.System.GetTimestamp();
        var opened = 0;
        foreach (var (one, other, isMain) in Pairs(left, right))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var path = (other ?? one)!.Path.ToString();
            if (one is null || other is null)
            {
                var node = new DifferenceNode(path, "file")
                {
                    Status = one is null ? DifferenceStatus.OnlyRight : DifferenceStatus.OnlyLeft,
                    Left = Summary(one),
                    Right = Summary(other),
                };
                node.Causes.Add(
                    new Cause(
                        CauseKind.Content,
                        path,
                        one is null ? "" : "present",
                        other is null ? "" : "present",
                        "Make both builds leave the same files."
                    )
                    {
                        Strength = CauseStrength.OneSide,
                    }
                );
                causes.AddRange(node.Causes);
                root.Children.Add(node);
                continue;
            }
            var remaining = Limits.MaxTime - TimeProvider.System.GetElapsedTime(began);
            if (++opened > MaxFiles || remaining <= TimeSpan.Zero)
            {
                root.Children.Add(
                    NotCompared(
                        one,
                        other,
                        path,
                        opened > MaxFiles
                            ? $"more than {MaxFiles} files differ"
                            : $"the time limit of {Limits.MaxTime.TotalSeconds:0} s is reached"
                    )
                );
                continue;
            }
            var options = new DifferenceOptions
            {
                Limits = Limits with { MaxTime = remaining },
                Left = Facts(left),
                Right = Facts(right),
                TemporaryDirectory = directory.Staging,
            };
            if (await CompareAsync(one, other, options, cancellationToken) is not { } result)
            {
                root.Children.Add(NotCompared(one, other, path, "a stored file is missing"));
                continue;
            }
            var found = ArtifactPaths.Of(result, path);
            causes.AddRange(found);
            if (isMain)
                ofMain = found;
            if (result.Root is not null)
                root.Children.Add(ArtifactPaths.Of(result.Root, path));
        }
        var whole = new DifferenceResult(
            Summary(left),
            Summary(right),
            [.. causes.OrderByDescending(static cause => cause.Strength).Take(MaxCauses)],
            root.Children.Count == 0 ? null : root
        );
        return new BuildDifference(whole, ofMain);
    }

    /// <summary>Null where a file is gone from the store.</summary>
    private async Task<DifferenceResult?> CompareAsync(
        ArtifactFacts left,
        ArtifactFacts right,
        DifferenceOptions options,
        CancellationToken cancellationToken
    )
    {
        await using var leftStored = await store.OpenAsync(left.Hash, cancellationToken);
        await using var rightStored = await store.OpenAsync(right.Hash, cancellationToken);
        if (leftStored is null || rightStored is null)
            return null;
        using var leftContent = new Content(NameOf(left), ByteSource.Of(leftStored.Stream));
        using var rightContent = new Content(NameOf(right), ByteSource.Of(rightStored.Stream));
        return await DifferenceEngine.CompareAsync(
            leftContent,
            rightContent,
            left.Path.ToString(),
            right.Path.ToString(),
            options,
            cancellationToken
        );
    }

    /// <summary>The files that differ: the two main binaries, whatever their names, then by path.</summary>
    private static IEnumerable<(ArtifactFacts? Left, ArtifactFacts? Right, bool IsMain)> Pairs(BuildSide left, BuildSide right)
    {
        var (leftMain, rightMain) = (MainOf(left), MainOf(right));
        var arePaired = leftMain is not null && rightMain is not null;
        if (arePaired && leftMain!.Hash != rightMain!.Hash)
            yield return (leftMain, rightMain, true);
        var ofLeft = left
            .Outputs.Where(output => !arePaired || output != leftMain)
            .ToDictionary(static output => output.Path.ToString(), StringComparer.Ordinal);
        var ofRight = right
            .Outputs.Where(output => !arePaired || output != rightMain)
            .ToDictionary(static output => output.Path.ToString(), StringComparer.Ordinal);
        foreach (var path in ofLeft.Keys.Union(ofRight.Keys).Order(StringComparer.Ordinal))
        {
            var (one, other) = (ofLeft.GetValueOrDefault(path), ofRight.GetValueOrDefault(path));
            if (one?.Hash != other?.Hash)
                yield return (one, other, false);
        }
    }

    private static ArtifactFacts? MainOf(BuildSide side) =>
        side.Build.Main is { } main ? side.Outputs.FirstOrDefault(output => output.Path == main.Path) : null;

    private static DifferenceNode NotCompared(ArtifactFacts left, ArtifactFacts right, string path, string reason)
    {
        var node = new DifferenceNode(path, "file") { Left = Summary(left), Right = Summary(right) };
        node.Notices.Add($"not compared: {reason}");
        return node;
    }

    private static EngineFacts Facts(BuildSide side) =>
        new() { Start = Wording.Calendar(side.Build.Started), Finish = Wording.Calendar(side.Build.Finished) };

    private static ContentSummary? Summary(ArtifactFacts? artifact) =>
        artifact is null ? null : new ContentSummary(artifact.Size, artifact.Hash.ToString());

    private static ComparedFile Summary(BuildSide side) =>
        new(
            string.Create(CultureInfo.InvariantCulture, $"{side.Build.Job}/{side.Build.Uuid}"),
            side.Outputs.Sum(static output => output.Size),
            ""
        );

    private static string NameOf(ArtifactFacts artifact) => Path.GetFileName(artifact.Path.ToString());
}
