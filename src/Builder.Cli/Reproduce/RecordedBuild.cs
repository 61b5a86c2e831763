using Builder.Analysis.Difference;
using Builder.Cli.Diff;
using Builder.Cli.Errors;
using Builder.Protocol.Values;

namespace Builder.Cli.Reproduce;

/// <summary>A build of a site: its script, what it recorded of its inputs, and what it left.</summary>
internal sealed class RecordedBuild : IDisposable
{
    public required string Job { get; init; }

    public required BuildUuid Uuid { get; init; }

    public required string Platform { get; init; }

    public required ByteString Script { get; init; }

    /// <summary>What it recorded, by artifact name: of <see cref="BuildFiles.InputNames"/> those that it left.</summary>
    public required IReadOnlyDictionary<string, ByteString> Inputs { get; init; }

    /// <summary>Its artifacts. Empty where the site withholds them until others have built them: then nothing can be compared.</summary>
    public required BuildFiles Files { get; init; }

    public BuildFacts Facts { get; init; } = new();

    /// <param name="directory">For its artifacts; made if absent, empty.</param>
    /// <exception cref="CommandException">There is no such build, it does not arrive, or it did not succeed.</exception>
    public static async Task<RecordedBuild> FetchAsync(SiteClient site, SiteUrl url, string directory, CancellationToken cancellationToken)
    {
        var files = new BuildFiles(directory);
        try
        {
            var build = await site.ExtractAsync(url, files.SaveAsync, cancellationToken);
            if (build.Result != new ExecutionResult.Exited(0))
                throw new CommandException($"build {build.Uuid} did not succeed ({build.Result}): there is nothing to reproduce");
            return new RecordedBuild
            {
                Job = build.Job.Name.ToString(),
                Uuid = build.Uuid,
                Platform = build.Job.Platform.ToString(),
                Script = build.Job.Script,
                Inputs = await files.ReadInputsAsync(cancellationToken),
                Files = files,
                Facts = build.Facts,
            };
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    public void Dispose() => Files.Dispose();
}
