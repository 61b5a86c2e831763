using System.CommandLine;
using Builder.Cli.Repo;

namespace Builder.Cli.Hooks;

/// <summary><c>builder hooks …</c>, also <c>builder web hooks …</c>.</summary>
internal static class HooksCommand
{
    public static Command Create()
    {
        var options = new RepositoryOptions();
        var command = new Command("hooks", "What hooks did after uploads: list, read their output, run them again.")
        {
            HooksListCommand.Create(options),
            HooksLogCommand.Create(options),
            HooksRerunCommand.Create(options),
        };
        options.AddTo(command);
        return command;
    }
}
