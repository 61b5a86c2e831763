using System.CommandLine;
using System.Text;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;
using Builder.Cli.Text;
using Builder.Protocol.Der;
using Command = System.CommandLine.Command;

namespace Builder.Cli.Inspect;

/// <summary><c>builder inspect FILE</c>: what a saved build, a message or a state file holds.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE")
        {
            Description = "A build as the server keeps it (DIR/JOB/UUID/full); - for standard input.",
        };
        var kind = new Option<string>("--kind")
        {
            Description = "What the file is: a build, the body of a message, or a server's state.",
            DefaultValueFactory = _ => "exec",
        };
        kind.OneOf("exec", "cmd", "state");
        var json = new Option<bool>("--json") { Description = "Print all of it as JSON." };
        var reencode = new Option<string?>("--reencode")
        {
            Description = "Write the value to OUT in the one form that is written.",
            HelpName = "OUT",
        };
        var job = new Option<bool>("--job") { Description = "Print the job, not the whole summary." };
        var script = new Option<bool>("--script") { Description = "Print the script, byte for byte." };
        var console = new Option<bool>("--console") { Description = "Print the console, oldest line first, with seconds since the start." };
        var output = new Option<string?>("--output")
        {
            Description = "Extract the artifacts below DIR, and nowhere else.",
            HelpName = "DIR",
        };
        var command = new Command("inspect", "Look into a saved build.") { file, kind, json, reencode, job, script, console, output };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var wanted = new Wanted(
                    parsed.GetValue(json),
                    parsed.GetValue(reencode),
                    parsed.GetValue(job),
                    parsed.GetValue(script),
                    parsed.GetValue(console),
                    parsed.GetValue(output)
                );
                using var input = new InspectedFile(parsed.GetRequiredValue(file));
                await using var standardOutput = StandardOutput.Open(keepsColours: wanted.Console);
                try
                {
                    await (
                        parsed.GetValue(kind) switch
                        {
                            "cmd" => SmallInspection
                                .OfCommand(await input.ReadAllAsync(cancellationToken))
                                .RunAsync(wanted, standardOutput, cancellationToken),
                            "state" => SmallInspection
                                .OfState(await input.ReadAllAsync(cancellationToken))
                                .RunAsync(wanted, standardOutput, cancellationToken),
                            _ => InspectExecAsync(input, wanted, standardOutput, cancellationToken),
                        }
                    );
                }
                catch (ProtocolException exception)
                {
                    throw new CommandException($"{input.Name}: {exception.Message}");
                }
                return ExitCode.Success;
            }
        );
        return command;
    }

    private static async Task InspectExecAsync(InspectedFile input, Wanted wanted, Stream output, CancellationToken cancellationToken)
    {
        await using var text = new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        var inspection = new ExecInspection(input, text, output);
        if (input.CanBeReadAgain)
            await inspection.CheckAsync(toExtract: wanted.Output is not null, cancellationToken);
        if (wanted.Reencode is { } copy)
            await ReplacedFile.WriteAsync(copy, stream => inspection.ReencodeAsync(stream, cancellationToken));
        if (wanted.Output is { } directory)
            await inspection.ExtractAsync(directory, cancellationToken);
        if (wanted.Json)
            await inspection.PrintJsonAsync(cancellationToken);
        if (wanted.Job)
            await inspection.PrintJobAsync(cancellationToken);
        if (wanted.Script)
            await inspection.PrintScriptAsync(cancellationToken);
        if (wanted.Console)
            await inspection.PrintConsoleAsync(cancellationToken);
        if (wanted.IsNothing)
            await inspection.PrintSummaryAsync(cancellationToken);
    }
}
