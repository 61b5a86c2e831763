using System.Text;
using Builder.Analysis.Comparison;
using Builder.Analysis.Opam;
using Builder.Storage.Artifacts;
using Builder.Web.Builds;

namespace Builder.Web.Compare;

/// <summary>Compares what two builds recorded of their inputs.</summary>
internal static class CompareInputs
{
    private const int LargestList = 4 * 1024 * 1024;
    private const int LargestSwitch = 16 * 1024 * 1024;

    public static async Task<InputsCompared> RunAsync(
        IArtifactStore store, List<ArtifactFacts> leftFiles, List<ArtifactFacts> rightFiles, CancellationToken stop)
    {
        async Task<(byte[] Left, byte[] Right)> ReadAsync(string name, int largest) =>
            (await ContentAsync(store, leftFiles, name, largest, stop), await ContentAsync(store, rightFiles, name, largest, stop));

        var environment = await ReadAsync("build-environment", LargestList);
        var packages = await ReadAsync("system-packages", LargestList);
        var switches = await ReadAsync("opam-switch", LargestSwitch);
        var (opam, problem) = Opam(switches.Left, switches.Right);
        return new InputsCompared(
            NamedVersionComparison.OfEnvironments(environment.Left, environment.Right),
            NamedVersionComparison.OfSystemPackages(packages.Left, packages.Right),
            opam,
            problem);
    }

    private static (OpamComparison Comparison, string? Problem) Opam(byte[] left, byte[] right)
    {
        try
        {
            return (SwitchComparer.Compare(Parse(left, "left opam-switch"), Parse(right, "right opam-switch")), null);
        }
        catch (OpamSyntaxException error)
        {
            var nothing = new OpamComparison([], [], [], [], DuniverseComparison.Empty with { Problem = error.Message });
            return (nothing, error.Message);
        }
    }

    /// <summary>A build without the file installed nothing with opam.</summary>
    private static SwitchExport Parse(byte[] content, string name) =>
        SwitchExport.Parse(content.Length == 0 ? Encoding.ASCII.GetBytes("opam-version: \"2.0\"\n") : content, name);

    /// <summary>Empty where the build has no such artifact, or one larger than any tool writes.</summary>
    private static async Task<byte[]> ContentAsync(
        IArtifactStore store, List<ArtifactFacts> artifacts, string name, int largest, CancellationToken stop)
    {
        if (artifacts.Find(artifact => artifact.Path.ToString() == name) is not { } artifact || artifact.Size > largest)
            return [];
        await using var content = await store.OpenAsync(artifact.Hash, stop);
        if (content is null || content.Length > largest)
            return [];
        var bytes = new byte[content.Length];
        await content.Stream.ReadExactlyAsync(bytes, stop);
        return bytes;
    }
}

/// <param name="OpamProblem">Why the switches could not be compared.</param>
public sealed record InputsCompared(
    NamedVersionComparison Environment, NamedVersionComparison SystemPackages, OpamComparison Opam, string? OpamProblem);
