using Builder.Analysis.Difference;
using Builder.Cli.Errors;
using Builder.Cli.Secrets;

namespace Builder.Cli.Diff;

/// <summary>One comparison from the command line: opens both sides, compares, prints.</summary>
internal static class DiffRun
{
    /// <returns>0 same, 1 different.</returns>
    public static async Task<int> RunAsync(DiffOptions options, CancellationToken cancellationToken)
    {
        DifferenceResult result;
        await using (var progress = new DiffProgress())
        {
            using var sides = new DiffInputs(progress);
            var left = await sides.OpenAsync(options.Left, cancellationToken);
            var right = await sides.OpenAsync(options.Right, cancellationToken);
            progress.Show("comparing");
            // Much of the work is synchronous; the progress is shown from another thread.
            result = await CompareAsync(left, right, options, cancellationToken);
        }
        result = ExcludedCauses.Remove(result, options.Excluded);
        await DiffOutput.WriteAsync(options, result, cancellationToken);
        return result.IsSame ? ExitCode.Success : ExitCode.Different;
    }

    private static async Task<DifferenceResult> CompareAsync(
        DiffInput left,
        DiffInput right,
        DiffOptions options,
        CancellationToken cancellationToken
    )
    {
        var excluded = options.Excluded;
        // Builds on a site have no modes.
        if (left.HasModes != right.HasModes)
            excluded = excluded.Append(CauseKind.FileMetadata).ToHashSet();
        var engine = new DifferenceOptions
        {
            Limits = options.Limits,
            Excluded = excluded,
            Left = left.Facts,
            Right = right.Facts,
            FactsOfFile = FilesOnDisk.FactsOf,
        };
        switch (left, right)
        {
            case ({ Content: { } before }, { Content: { } after }):
                return await DifferenceEngine.CompareAsync(before, after, left.Name, right.Name, engine, cancellationToken);
            case ({ Directory: { } before }, { Directory: { } after }):
                var result = await DifferenceEngine.CompareDirectoriesAsync(before, after, engine, cancellationToken);
                if (left.HasModes != right.HasModes)
                    result = ExcludedCauses.Remove(result, new HashSet<CauseKind> { CauseKind.FileMetadata });
                // A build lies in a temporary directory meanwhile.
                return result with { Left = result.Left with { Path = left.Name }, Right = result.Right with { Path = right.Name } };
            default:
                var (file, directory) = left.Content is null ? (right, left) : (left, right);
                throw new CommandException(
                    $"cannot compare a file with a directory or a build: \"{SecretText.Hide(file.Name)}\" is a file, \"{SecretText.Hide(directory.Name)}\" is not; name a file in it"
                );
        }
    }
}
