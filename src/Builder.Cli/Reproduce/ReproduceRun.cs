using System.Globalization;
using Builder.Analysis.Difference.Output;
using Builder.Cli.Diff;
using Builder.Cli.Errors;
using Builder.Cli.Text;
using Builder.Protocol.Values;
using Builder.Worker.Local;
using Builder.Worker.Options;

namespace Builder.Cli.Reproduce;

/// <summary>Runs <c>builder reproduce</c>: fetches, checks, builds, compares, says why.</summary>
internal sealed class ReproduceRun(ReproduceOptions options, TextWriter output)
{
    private const int MaxListed = 10;

    /// <returns>0 the same bytes, 1 other bytes from equal inputs, 2 it could not be tried or the inputs differ.</returns>
    public static async Task<int> RunAsync(ReproduceOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        var work = Directory.CreateTempSubdirectory("builder-reproduce-").FullName;
        try
        {
            return await new ReproduceRun(options, output).RunAsync(work, cancellationToken);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private async Task<int> RunAsync(string work, CancellationToken cancellationToken)
    {
        var target = options.Output ?? Path.Combine(work, "here");
        if (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any())
            throw new CommandException($"--output {target}: the directory is not empty", ExitCode.Trouble);
        RecordedBuild recorded;
        await using (var progress = new DiffProgress())
        {
            using var site = new SiteClient(progress);
            recorded = await RecordedBuild.FetchAsync(site, options.Url, Path.Combine(work, "recorded"), cancellationToken);
        }
        using (recorded)
        {
            Say($"build {recorded.Uuid} of job {recorded.Job} on {recorded.Platform}");
            Say(await SignatureCheck.RunAsync(recorded, options, cancellationToken));
            foreach (var line in (await MachineCheck.RunAsync(recorded.Inputs, cancellationToken)).Lines)
                Say(line);
            using var key = options.AttestationKey is { } file ? Attestation.ReadKey(file) : null;
            using var reproduction = await BuildAsync(recorded, target, cancellationToken);
            var code = await ReportAsync(reproduction, cancellationToken);
            if (key is not null)
                Say(await Attestation.SendAsync(reproduction, options.Url, key, cancellationToken));
            return code;
        }
    }

    private async Task<Reproduction> BuildAsync(RecordedBuild recorded, string target, CancellationToken cancellationToken)
    {
        await output.FlushAsync(cancellationToken);
        await using var error = Console.OpenStandardError();
        await using var console = Console.IsErrorRedirected ? error : new VisibleTextStream(error, keepsColours: true);
        try
        {
            return await Reproduction.RunAsync(
                recorded,
                new LocalBuildOptions
                {
                    Script = recorded.Script,
                    Isolation = options.Isolation,
                    Vary = options.Vary,
                    TimeLimit = options.TimeLimit,
                },
                target,
                console,
                cancellationToken
            );
        }
        catch (IOException exception) when (options.Isolation.Sandbox != SandboxKind.None)
        {
            throw new CommandException(
                $"{exception.Message}. Without a sandbox the script can do all that you can, so that needs --sandbox none",
                ExitCode.Trouble
            );
        }
    }

    private async Task<int> ReportAsync(Reproduction reproduction, CancellationToken cancellationToken)
    {
        var build = reproduction.Build;
        Say(
            string.Create(
                CultureInfo.InvariantCulture,
                $"built here in {(build.Finished - build.Started).TotalSeconds:0.0} s: {build.Result} ({build.Tier.Name})"
            )
        );
        if (options.Vary != Variations.None)
            Say($"varied: {(build.Variations.Made == Variations.None ? "nothing" : VariationNames.Write(build.Variations.Made))}");
        foreach (var missing in build.Variations.Missing)
            Say($"not varied: {missing.Name} ({missing.Reason})");
        switch (reproduction.Outcome)
        {
            case ReproductionOutcome.Reproduced:
                SayDigest(reproduction);
                SayOthers(reproduction);
                Say("reproduced: the same bytes");
                return ExitCode.Success;
            case ReproductionOutcome.NotTried:
                Say(
                    build.Succeeded
                        ? "not tried: the site shows no outputs of this build"
                        : "not tried: the script failed here; its console is above"
                );
                return ExitCode.Trouble;
            case ReproductionOutcome.OtherInputs:
                Say(
                    reproduction.HasSameInputs is null
                        ? "not comparable: other bytes, but the build does not record all of its inputs (builder record does)"
                        : "not comparable: other bytes, but from other inputs"
                );
                await SayInputsAsync(reproduction, cancellationToken);
                return ExitCode.Trouble;
            default:
                SayOthers(reproduction);
                await ExplainAsync(reproduction, cancellationToken);
                Say("not reproduced: other bytes from the same inputs");
                return ExitCode.Different;
        }
    }

    private async Task ExplainAsync(Reproduction reproduction, CancellationToken cancellationToken)
    {
        var isColoured = DiffOutput.IsColoured(ColorChoice.Auto, Console.IsOutputRedirected, Environment.GetEnvironmentVariable);
        await DifferenceText.WriteAsync(output, await reproduction.ExplainAsync(cancellationToken), isColoured, cancellationToken);
    }

    private void SayDigest(Reproduction reproduction)
    {
        if (reproduction.Recorded.Files.MainBinary is { } main)
            Say($"{main}: SHA-256 {reproduction.Files.Digests[main]}");
    }

    private void SayOthers(Reproduction reproduction)
    {
        var main = reproduction.Recorded.Files.MainBinary;
        foreach (var path in reproduction.Differing.Where(path => path != main).Take(MaxListed))
            Say($"differs too: {path}");
    }

    private async Task SayInputsAsync(Reproduction reproduction, CancellationToken cancellationToken)
    {
        var here = await reproduction.Files.ReadInputsAsync(cancellationToken);
        foreach (var name in BuildFiles.InputNames)
        {
            var (one, other) = (reproduction.Recorded.Inputs.TryGetValue(name, out var left), here.TryGetValue(name, out var right));
            if (one && other && left != right)
                Say($"{name} differs: {string.Join("; ", InputDifference.Lines(left, right).Take(MaxListed))}");
            else if (one != other)
                Say($"{name} is only {(one ? "in the build of the site" : "in the build here")}");
        }
    }

    private void Say(string line) => output.WriteLine(Printable.Of(line));
}
