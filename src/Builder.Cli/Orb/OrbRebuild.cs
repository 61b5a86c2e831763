using Builder.Analysis.Difference;
using Builder.Analysis.Difference.Output;
using Builder.Cli.Diff;
using Builder.Cli.Errors;
using Builder.Cli.Reproduce;
using Builder.Cli.Text;
using Builder.Protocol.Values;

namespace Builder.Cli.Orb;

/// <summary>Builds a recorded package again, here, and compares file by file.</summary>
internal sealed class OrbRebuild(OrbRebuildOptions options, TextWriter output)
{
    private const int MaxExplained = 5;

    private bool hasSameInputs = true;

    /// <returns>0 reproduced, 1 not, 2 not comparable: the inputs differ.</returns>
    /// <exception cref="CommandException">It could not be tried.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var recorded =
            await ReplayedInputs.TryReadAsync(options.Directory, cancellationToken)
            ?? throw new CommandException(
                $"{options.Directory} has no {BuildFiles.Switch} and {BuildFiles.Environment}: it is not the output of an opam build",
                ExitCode.Trouble
            );
        await CheckMachineAsync(cancellationToken);
        if (!options.HasRoot && !OwnRoot.CanBeAt(recorded.Environment.Root))
            throw new CommandException(
                $"{recorded.Environment.Root} exists. The build needs an opam root of its own there, as it was recorded: remove it, or rebuild in a container",
                ExitCode.Trouble
            );
        var work = Directory.CreateTempSubdirectory("builder-orb-").FullName;
        try
        {
            var here = options.Out ?? Path.Combine(work, "out");
            var name = recorded.Root.Name.ToString();
            try
            {
                var build = new OrbOptions
                {
                    Package = new OrbPackage(name, recorded.Root.Version.ToString()),
                    Out = here,
                    SkipSystem = true,
                    DisableSandboxing = options.DisableSandboxing,
                };
                await new OrbBuild(build, recorded.Environment, recorded).RunAsync(cancellationToken);
            }
            finally
            {
                if (!options.HasRoot && Directory.Exists(recorded.Environment.Root))
                    OwnRoot.Remove(recorded.Environment.Root);
            }
            return await CompareAsync(name, here, cancellationToken);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private async Task CheckMachineAsync(CancellationToken cancellationToken)
    {
        var inputs = new Dictionary<string, ByteString>();
        foreach (var name in BuildFiles.InputNames)
        {
            var path = Path.Combine(options.Directory, name);
            if (File.Exists(path))
                inputs.Add(name, new ByteString(await File.ReadAllBytesAsync(path, cancellationToken)));
        }
        var check = await MachineCheck.RunAsync(inputs, cancellationToken);
        foreach (var line in check.Lines)
            Say(line);
        if (check.System.Count > 0 && !options.IgnoresEnvironment)
            throw new CommandException(
                "this machine is not what was recorded; --ignore-env-differences builds all the same",
                ExitCode.Trouble
            );
        if (check.Missing.Count > 0 && !options.SkipsSystem)
            throw new CommandException(
                "system packages are missing: install them in a container or chroot for this purpose, or use --skip-system to build without them",
                ExitCode.Trouble
            );
    }

    private async Task<int> CompareAsync(string package, string here, CancellationToken cancellationToken)
    {
        foreach (var name in (string[])[BuildFiles.Switch, BuildFiles.Environment, BuildFiles.Packages])
        {
            if (options.SkipsSystem && name == BuildFiles.Packages)
                continue;
            var before = Path.Combine(options.Directory, name);
            if (File.Exists(before) && !await FileEquality.AreSameAsync(before, Path.Combine(here, name), cancellationToken))
            {
                hasSameInputs &= options.IgnoresEnvironment && name == BuildFiles.Environment;
                Say($"{name} is not what was recorded");
            }
        }
        var outcome = await OrbComparison.RunAsync(options.Directory, here, package, cancellationToken);
        foreach (var (path, state) in outcome.Files)
            Say($"{state}: {path}");
        if (outcome.Compared == 0)
            throw new CommandException(
                $"there is nothing to compare with: {options.Directory} has neither installed files nor {OrbRecord.HashesOf(package)}",
                ExitCode.Trouble
            );
        if (outcome.Differing.Count == 0)
        {
            Say($"reproduced: {outcome.Compared} files, the same bytes");
            return ExitCode.Success;
        }
        foreach (var path in outcome.Differing.Take(MaxExplained))
            await ExplainAsync(path, here, cancellationToken);
        Say(
            hasSameInputs
                ? $"not reproduced: {outcome.Differing.Count} of {outcome.Compared} files differ"
                : "not comparable: other bytes, but from other inputs"
        );
        return hasSameInputs ? ExitCode.Different : ExitCode.Trouble;
    }

    private async Task ExplainAsync(string path, string here, CancellationToken cancellationToken)
    {
        var (left, right) = (Path.Combine(options.Directory, path), Path.Combine(here, path));
        if (!File.Exists(left) || !File.Exists(right))
            return;
        var isColoured = DiffOutput.IsColoured(ColorChoice.Auto, Console.IsOutputRedirected, Environment.GetEnvironmentVariable);
        var result = await DifferenceEngine.CompareAsync(left, right, new DifferenceOptions(), cancellationToken);
        await DifferenceText.WriteAsync(output, result, isColoured, cancellationToken);
    }

    private void Say(string line) => output.WriteLine(Printable.Of(line));
}
