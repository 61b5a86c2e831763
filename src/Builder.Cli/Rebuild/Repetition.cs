using Builder.Analysis.Difference;
using Builder.Analysis.Values;
using Builder.Cli.Errors;
using Builder.Cli.Reproduce;
using Builder.Proof.Keys;
using Builder.Proof.Rebuilding;
using Builder.Proof.Statements;
using Builder.Protocol.Values;
using Builder.Worker.Local;

namespace Builder.Cli.Rebuild;

/// <summary>
/// One build, built again. Script and recorded inputs are fetched, never the outputs before its own are there: a result is signed by who built it. Then, where the site
/// shows its outputs, the difference is explained.
/// </summary>
internal sealed class Repetition(RebuildOptions options, RebuildSite site, ListedBuild build, string work)
{
    /// <exception cref="CommandException">The site does not answer, or there is no sandbox.</exception>
    public static async Task<RepetitionResult> RunAsync(
        RebuildOptions options,
        RebuildSite site,
        ListedBuild build,
        string work,
        SigningKey key,
        CancellationToken cancellationToken
    )
    {
        Directory.CreateDirectory(work);
        try
        {
            return await new Repetition(options, site, build, work).RunAsync(key, cancellationToken);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private async Task<RepetitionResult> RunAsync(SigningKey key, CancellationToken cancellationToken)
    {
        using var recorded = await FetchAsync(cancellationToken);
        if (recorded is null)
            return new RepetitionResult(null, "the site does not show its script or its recorded inputs");
        using var here = await BuildAsync(recorded, cancellationToken);
        if (!here.Build.Succeeded)
            return new RepetitionResult(null, $"it failed here: {here.Build.Result}");
        if (here.Files.MainBinary is not { } main)
            return new RepetitionResult(null, "it left no main binary here, or several");
        var hasSameInputs = here.Files.InputId == build.InputId;
        var (isSame, difference) = await CompareAsync(here, main, cancellationToken);
        if (isSame == false && !hasSameInputs)
            return new RepetitionResult(null, "other bytes, but from other inputs: this machine is not like the recorded one");
        if (!hasSameInputs && isSame is null)
            difference = "this machine is not like the recorded one: its build recorded other inputs";
        var lines = RebuildStatement.Sign(
            new RebuildResult
            {
                Build = site.PageOf(build),
                External = new ExternalParameters(build.Job, build.Platform, Sha256Digest.Of(recorded.Script.Span)),
                Artifacts = [.. here.Files.Digests.Select(static file => ResourceDescriptor.Of(file.Key.ToString(), file.Value))],
                MainBinary = main.ToString(),
                Isolation = here.Build.Tier.Name,
                Difference = difference,
                InvocationId = Guid.NewGuid().ToString(),
                Started = here.Build.Started,
                Finished = here.Build.Finished,
                Inputs = [.. recorded.Inputs.Select(static input => ResourceDescriptor.Of(input.Key, Sha256Digest.Of(input.Value.Span)))],
            },
            key
        );
        return new RepetitionResult(
            lines,
            isSame switch
            {
                true => "the same bytes",
                false => $"other bytes{(difference is null ? "" : $": {difference}")}",
                _ => "built; the site withholds its files until rebuilders agree",
            }
        );
    }

    private async Task<RecordedBuild?> FetchAsync(CancellationToken cancellationToken)
    {
        if (await site.PartAsync(build, "script", cancellationToken) is not { } script)
            return null;
        var inputs = new Dictionary<string, ByteString>();
        foreach (var name in BuildFiles.InputNames)
        {
            if (await site.PartAsync(build, $"f/{name}", cancellationToken) is { } content)
                inputs.Add(name, new ByteString(content));
        }
        return inputs.Count == 0
            ? null
            : new RecordedBuild
            {
                Job = build.Job,
                Uuid = build.Uuid,
                Platform = build.Platform,
                Script = new ByteString(script),
                Inputs = inputs,
                Files = new BuildFiles(Path.Combine(work, "recorded")),
            };
    }

    private async Task<Reproduction> BuildAsync(RecordedBuild recorded, CancellationToken cancellationToken)
    {
        try
        {
            return await Reproduction.RunAsync(
                recorded,
                new LocalBuildOptions
                {
                    Script = recorded.Script,
                    Isolation = options.Isolation,
                    TimeLimit = options.TimeLimit,
                },
                Path.Combine(work, "here"),
                Stream.Null,
                cancellationToken
            );
        }
        catch (IOException exception)
        {
            throw new CommandException(exception.Message, ExitCode.Trouble);
        }
    }

    /// <summary>Whether the site has the same main binary, and why not; null where it withholds it.</summary>
    private async Task<(bool? IsSame, string? Difference)> CompareAsync(
        Reproduction here,
        ArtifactPath main,
        CancellationToken cancellationToken
    )
    {
        if (await site.PartAsync(build, $"f/{Encoded(main)}", cancellationToken) is not { } there)
            return (null, null);
        if (Sha256Digest.Of(there) == here.Files.Digests[main])
            return (true, null);
        var left = Path.Combine(work, "there");
        await File.WriteAllBytesAsync(left, there, cancellationToken);
        var result = await DifferenceEngine.CompareAsync(
            left,
            Path.Combine(here.Files.Directory, main.ToString()),
            new DifferenceOptions(),
            cancellationToken
        );
        var cause = result.Causes.OrderByDescending(static one => one.Strength).FirstOrDefault();
        return (false, cause is null ? null : $"{CauseNames.NameOf(cause.Kind)} in {main}");
    }

    private static string Encoded(ArtifactPath path) => string.Join('/', path.ToString().Split('/').Select(Uri.EscapeDataString));
}
