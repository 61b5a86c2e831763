using System.Text;
using Builder.Analysis.Comparison;
using Builder.Analysis.Opam;
using Builder.Analysis.Values;
using Builder.Storage.Artifacts;
using Builder.Web.Builds;
using Builder.Web.Http;

namespace Builder.Web.Compare;

/// <summary>
/// Compares what two builds recorded of their inputs. Reproduced builds have the same switch, so pairs of switches come again and again for
/// other builds: what was found between two contents is kept.
/// </summary>
internal sealed class CompareInputs(IArtifactStore store)
{
    private const int LargestList = 4 * 1024 * 1024;
    private const int LargestSwitch = 16 * 1024 * 1024;

    private readonly BoundedCache<(Sha256Digest? Left, Sha256Digest? Right, string? Root), OpamCompared> known = new(
        maxTotalBytes: 8 * 1024 * 1024,
        largestInBytes: 2 * 1024 * 1024
    );

    /// <param name="root">Compares of the switches what this root reaches, of several; null for all together.</param>
    public async Task<InputsCompared> RunAsync(
        List<ArtifactFacts> leftFiles,
        List<ArtifactFacts> rightFiles,
        string? root,
        CancellationToken cancellationToken
    )
    {
        async Task<(byte[] Left, byte[] Right)> ReadAsync(string name)
        {
            var (left, right) = (Find(leftFiles, name, LargestList), Find(rightFiles, name, LargestList));
            return left?.Hash == right?.Hash
                ? ([], [])
                : (await ContentAsync(left, cancellationToken) ?? [], await ContentAsync(right, cancellationToken) ?? []);
        }

        var environment = await ReadAsync("build-environment");
        var packages = await ReadAsync("system-packages");
        var opam = await OpamAsync(
            Find(leftFiles, "opam-switch", LargestSwitch),
            Find(rightFiles, "opam-switch", LargestSwitch),
            root,
            cancellationToken
        );
        return new InputsCompared(
            NamedVersionComparison.OfEnvironments(environment.Left, environment.Right),
            NamedVersionComparison.OfSystemPackages(packages.Left, packages.Right),
            opam.Comparison,
            opam.Problem
        );
    }

    private async Task<OpamCompared> OpamAsync(ArtifactFacts? left, ArtifactFacts? right, string? root, CancellationToken cancellationToken)
    {
        var pair = (left?.Hash, right?.Hash, root);
        if (known.Find(pair) is { } before)
            return before;
        var (leftContent, rightContent) = (await ContentAsync(left, cancellationToken), await ContentAsync(right, cancellationToken));
        var compared = Compare(leftContent ?? [], rightContent ?? [], root);
        // A file that is missing may come back, and roots that are not there have any name.
        if (
            (root is null || compared.Problem is null)
            && (left is null || leftContent is not null)
            && (right is null || rightContent is not null)
        )
            known.Keep(pair, compared, SizeOf(compared.Comparison));
        return compared;
    }

    private static OpamCompared Compare(byte[] left, byte[] right, string? root)
    {
        try
        {
            var (before, after) = (Parse(left, "left opam-switch"), Parse(right, "right opam-switch"));
            if (root is null)
                return new OpamCompared(SwitchComparer.Compare(before, after), null);
            var (isBefore, isAfter) = (
                before.TryRestrict(root, out var beforeAlone, out var problem),
                after.TryRestrict(root, out var afterAlone, out _)
            );
            // A side without that root installed nothing for it.
            var none = Parse([], "opam-switch");
            return isBefore || isAfter
                ? new OpamCompared(SwitchComparer.Compare(beforeAlone ?? none, afterAlone ?? none), null)
                : Failed(problem!);
        }
        catch (OpamSyntaxException exception)
        {
            return Failed(exception.Message);
        }
    }

    private static OpamCompared Failed(string problem) =>
        new(new OpamComparison([], [], [], [], DuniverseComparison.Empty with { Problem = problem }), problem);

    /// <summary>A build without the file installed nothing with opam.</summary>
    private static SwitchExport Parse(byte[] content, string name) =>
        SwitchExport.Parse(content.Length == 0 ? Encoding.ASCII.GetBytes("opam-version: \"2.0\"\n") : content, name);

    /// <summary>Null where the build has no such artifact, or one larger than any tool writes.</summary>
    private static ArtifactFacts? Find(List<ArtifactFacts> artifacts, string name, int largest) =>
        artifacts.Find(artifact => artifact.Path.ToString() == name) is { } artifact && artifact.Size <= largest ? artifact : null;

    /// <summary>Null where there is none, or it is gone.</summary>
    private async Task<byte[]?> ContentAsync(ArtifactFacts? artifact, CancellationToken cancellationToken)
    {
        if (artifact is null)
            return null;
        await using var content = await store.OpenAsync(artifact.Hash, cancellationToken);
        // One of another length is damaged.
        if (content is null || content.Length != artifact.Size)
            return null;
        var bytes = new byte[content.Length];
        await content.Stream.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }

    /// <summary>About: the diffs are most of it, two bytes a character.</summary>
    private static long SizeOf(OpamComparison comparison)
    {
        const int Entry = 200;
        var entries =
            comparison.Changed.Length
            + comparison.OtherVersion.Length
            + comparison.OnlyLeft.Length
            + comparison.OnlyRight.Length
            + comparison.Duniverse.Count;
        return ((1L + entries) * Entry)
            + comparison.Changed.Sum(change => 2L * change.Diff.Length)
            + comparison.Roots.Sum(root => Entry + (root.Changed is { } names ? 80L * names.Length : 0));
    }

    private sealed record OpamCompared(OpamComparison Comparison, string? Problem);
}

/// <param name="OpamProblem">Why the switches could not be compared.</param>
public sealed record InputsCompared(
    NamedVersionComparison Environment,
    NamedVersionComparison SystemPackages,
    OpamComparison Opam,
    string? OpamProblem
);
