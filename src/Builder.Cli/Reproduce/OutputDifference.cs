using Builder.Analysis.Difference;
using Builder.Cli.Errors;
using Builder.Protocol.Values;

namespace Builder.Cli.Reproduce;

/// <summary>Says why what two builds left differs: their main binaries, or all outputs where there is no main binary.</summary>
internal static class OutputDifference
{
    public static async Task<DifferenceResult> CompareAsync(Reproduction reproduction, CancellationToken cancellationToken)
    {
        var (recorded, here) = (reproduction.Recorded.Files, reproduction.Files);
        var options = new DifferenceOptions
        {
            Left = reproduction.Recorded.Facts,
            Right = new BuildFacts { Start = reproduction.Build.Started, Finish = reproduction.Build.Finished },
        };
        var (leftName, rightName) = ($"build {reproduction.Recorded.Uuid}", "built here");
        if (recorded.MainBinary is { } main)
        {
            if (!here.Digests.ContainsKey(main))
                throw new CommandException($"the build left no {main} here", ExitCode.Trouble);
            var result = await DifferenceEngine.CompareAsync(PathOf(recorded, main), PathOf(here, main), options, cancellationToken);
            return Named(result, $"{leftName}: {main}", $"{rightName}: {main}");
        }
        var all = await DifferenceEngine.CompareDirectoriesAsync(recorded.Directory, here.Directory, options, cancellationToken);
        return Named(WithoutInputs(all), leftName, rightName);
    }

    private static string PathOf(BuildFiles files, ArtifactPath path) => Path.Combine(files.Directory, path.ToString());

    private static DifferenceResult Named(DifferenceResult result, string left, string right) =>
        result with
        {
            Left = result.Left with { Path = left },
            Right = result.Right with { Path = right },
        };

    private static DifferenceResult WithoutInputs(DifferenceResult result)
    {
        if (result.Root is not { } root)
            return result;
        root.Children.RemoveAll(static child => IsInput(child.Path));
        var causes = result.Causes.Where(static cause => !IsInput(cause.Path)).ToList();
        return root.Children.Count == 0 && causes.Count == 0 ? result with { Causes = [], Root = null } : result with { Causes = causes };
    }

    /// <param name="path">Of an artifact, or of a place in it behind <c>: </c>.</param>
    private static bool IsInput(string path) =>
        ArtifactPath.TryParse(ByteString.FromUtf8(path.Split(": ")[0]), out var artifact, out _) && !BuildFiles.IsOutput(artifact);
}
