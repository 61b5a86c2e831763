using System.CommandLine;
using Builder.Cli.Errors;
using Builder.Cli.Repo;
using Builder.Publishing.Queue;

namespace Builder.Cli.Hooks;

/// <summary><c>builder hooks list</c>.</summary>
internal static class HooksListCommand
{
    public static Command Create(RepositoryOptions options)
    {
        var all = new Option<bool>("--all") { Description = "Publications of packages too, not hooks alone." };
        var count = new Option<int>("--count", "-n")
        {
            Description = "So many, the newest first.",
            DefaultValueFactory = _ => 50,
            HelpName = "N",
        };
        var state = new Option<string?>("--state") { Description = "Only those in this state.", HelpName = "STATE" };
        state.AcceptOnlyFromAmong("due", "running", "done", "failed", "refused", "held");
        var command = new Command("list", "Show what was due, newest first: number, state, when, what, for which build, and how it ended.")
        {
            all,
            count,
            state,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var tasks = await options.OpenTasksAsync(parsed, cancellationToken);
                var filter = new TaskFilter(Hooks: parsed.GetValue(all) ? null : true, State: Read(parsed.GetValue(state)));
                foreach (var task in await tasks.ListAsync(filter, Math.Max(1, parsed.GetValue(count)), cancellationToken))
                    await Console.Out.WriteLineAsync(TaskText.Line(task));
                return ExitCode.Success;
            }
        );
        return command;
    }

    private static TaskState? Read(string? state) =>
        state switch
        {
            "due" => TaskState.Due,
            "running" => TaskState.Running,
            "done" => TaskState.Done,
            "failed" => TaskState.Failed,
            "refused" => TaskState.Refused,
            "held" => TaskState.Held,
            _ => null,
        };
}
