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
            async (parsed, cancellation) =>
            {
                var build = parsed.GetRequiredValue(uuid);
                await using var storage = await data.OpenStorageAsync(parsed, cancellation);
                var exec = new BuildExec(storage.Database, storage.Directory, storage.Artifacts);
                var stored = await exec.FindAsync(build, cancellation) ?? throw new CommandException($"There is no build {build}.");
                await WriteAsync(exec, stored, parsed.GetValue(destination) ?? (asOriginal ? "full" : $"{build}.full"), cancellation);
                return ExitCode.Success;
            }
        );
        return command;
    }

    private static async Task WriteAsync(BuildExec exec, StoredBuild build, string destination, CancellationToken cancellation)
    {
        if (destination == "-")
        {
            await using var output = StandardOutput.Open();
            await exec.WriteAsync(build, output, cancellation);
            return;
        }
        // Under another name first: a file of the name given is complete.
        var partial = destination + ".partial";
        await using (var file = new FileStream(partial, FileMode.Create, FileAccess.Write))
            await exec.WriteAsync(build, file, cancellation);
        File.Move(partial, destination, overwrite: true);
    }
}
