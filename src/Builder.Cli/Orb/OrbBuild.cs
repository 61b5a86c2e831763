using Builder.Analysis.Opam;
using Builder.Cli.Errors;

namespace Builder.Cli.Orb;

/// <summary>Builds a package in a switch of its own, and records what it was built from.</summary>
/// <param name="recorded">Inputs of an earlier build, which are used instead of what repositories have now; null for a fresh build.</param>
internal sealed class OrbBuild(OrbOptions options, OrbEnvironment environment, ReplayedInputs? recorded)
{
    private const string LatestCriteria = "-removed,-notuptodate(solution),-new";

    private readonly OpamSwitch opam = new(environment);
    private readonly OrbRecord record = new(options.Out);

    /// <exception cref="CommandException">The build failed; what it was built from is written all the same.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var empty = recorded is null ? null : EmptyRepository.Create();
        try
        {
            await opam.CreateAsync(
                empty is null ? options.Repositories : [empty.Repository],
                options.DisableSandboxing,
                options.Cache,
                cancellationToken
            );
            await InstallAsync(cancellationToken);
            await record.WriteInputsAsync(opam, cancellationToken);
            await record.WriteInstalledAsync(opam, options.Package.Name, cancellationToken);
        }
        catch (CommandException)
        {
            await RecordFailureAsync(cancellationToken);
            throw;
        }
        finally
        {
            await opam.RemoveAsync(CancellationToken.None);
        }
    }

    /// <summary>Arguments of all commands that install something.</summary>
    private string[] Installing =>
        [
            .. options.SkipSystem ? ["--no-depexts"] : (string[])["--confirm-level=unsafe-yes"],
            .. options.KeepBuildDirectory ? ["--keep-build-dir"] : (string[])[],
        ];

    private async Task InstallAsync(CancellationToken cancellationToken)
    {
        if (recorded is null)
        {
            var show = await opam.CaptureAsync(["show", "--raw", options.Package.ToString()], cancellationToken);
            var package = ReadPackage(show);
            if (MirageFields.Of(package) is { } mirage)
                await new MirageBuild(opam, options.Package.Name, Installing).BuildAsync(
                    options.Package,
                    mirage,
                    package,
                    cancellationToken
                );
            else
                await opam.RunOnSwitchAsync(["install", options.Package.ToString(), .. Installing, .. Criteria], cancellationToken);
            return;
        }
        if (recorded.Switch.Root is { } root && MirageFields.Of(root) is { } fields)
            await new MirageBuild(opam, options.Package.Name, Installing).ReplayAsync(recorded, fields, cancellationToken);
        else
            await opam.RunOnSwitchAsync(["switch", "import", recorded.SwitchFile, .. Installing], cancellationToken);
    }

    private string[] Criteria => options.Latest ? [$"--criteria={LatestCriteria}"] : [];

    private OpamPackage ReadPackage(byte[] file)
    {
        try
        {
            return OpamPackage.Read(OpamFile.Parse(file, options.Package.ToString()), options.Package.ToString());
        }
        catch (OpamSyntaxException exception)
        {
            throw new CommandException(exception.Message);
        }
    }

    private async Task RecordFailureAsync(CancellationToken cancellationToken)
    {
        if (!opam.HasRoot || !Directory.Exists(environment.SwitchDirectory))
            return;
        try
        {
            await record.WriteInputsAsync(opam, cancellationToken);
        }
        catch (CommandException exception)
        {
            // The build's own failure comes first.
            await Console.Error.WriteLineAsync($"orb: what the build was made from could not be recorded: {exception.Message}");
        }
    }
}
