using System.CommandLine;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;
using Builder.Cli.Repo;
using Builder.Cli.Text;

namespace Builder.Cli.Hooks;

/// <summary><c>builder hooks log NUMBER</c>.</summary>
internal static class HooksLogCommand
{
    public static Command Create(RepositoryOptions options)
    {
        var number = new Argument<long>("number") { Description = "Of the hook's run, from builder hooks list." }.Between(1, long.MaxValue);
        var command = new Command("log", "Show what a hook printed.") { number };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var tasks = await options.OpenTasksAsync(parsed, cancellationToken);
                var found =
                    await tasks.FindAsync(parsed.GetValue(number), cancellationToken)
                    ?? throw new CommandException($"There is no run {parsed.GetValue(number)}: builder hooks list shows them.");
                await Console.Error.WriteLineAsync(TaskText.Line(found.Task));
                await using var output = StandardOutput.Open(keepsColours: true);
                await output.WriteAsync(found.Output, cancellationToken);
                return ExitCode.Success;
            }
        );
        return command;
    }
}
