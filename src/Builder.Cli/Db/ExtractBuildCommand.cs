using System.CommandLine;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;
using Builder.Cli.Text;
using Builder.Protocol.Values;
using Builder.Storage.Ingestion;
using Command = System.CommandLine.Command;

namespace Builder.Cli.Db;

/// <summary><c>builder db extract-build UUID [--dest FILE]</c>.</summary>
internal static class ExtractBuildCommand
{
    public static Command Create(DataOptions data, bool asOriginal)
    {
        var uuid = new Argument<BuildUuid>("UUID") { Description = "The build.", CustomParser = ArgumentValues.Uuid };
        var destination = new Option<string?>("--dest")
        {
            Description = $"Where to write it; default {(asOriginal ? "full" : "UUID.full")} here; \"-\" is standard output.",
            HelpName = "FILE",
        };
        var command = new Command("extract-build", "Write a build as the exec that was uploaded, for builder inspect or another upload.")
        {
            uuid,
            destination,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var build = parsed.GetRequiredValue(uuid);
                await using var storage = await data.OpenStorageAsync(parsed, cancellationToken);
                var exec = new BuildExec(storage.Database, storage.BuildFiles, storage.Artifacts);
                var stored = await exec.FindAsync(build, cancellationToken) ?? throw new CommandException($"There is no build {build}.");
                await WriteAsync(exec, stored, parsed.GetValue(destination) ?? (asOriginal ? "full" : $"{build}.full"), cancellationToken);
                return ExitCode.Success;
            }
        );
        return command;
    }

    private static async Task WriteAsync(BuildExec exec, StoredBuild build, string destination, CancellationToken cancellationToken)
    {
        if (destination == "-")
        {
            await using var output = StandardOutput.Open();
            await exec.WriteAsync(build, output, cancellationToken);
            return;
        }
        // Under another name first: a file of the name given is complete.
        var partial = destination + ".partial";
        await using (var file = new FileStream(partial, FileMode.Create, FileAccess.Write))
            await exec.WriteAsync(build, file, cancellationToken);
        File.Move(partial, destination, overwrite: true);
    }
}
