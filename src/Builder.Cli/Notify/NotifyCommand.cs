using System.CommandLine;

namespace Builder.Cli.Notify;

/// <summary><c>builder notify</c>: who is told of events, what waits, what could not be delivered.</summary>
internal static class NotifyCommand
{
    public static Command Create()
    {
        var options = new NotifyOptions();
        var command = new Command(
            "notify",
            """
            Tell others of events: check the targets, see what waits, send again or drop.

            Targets are in notify.yaml in the configuration directory; a running builder web sends to them.

            Example:
              builder notify check --configdir /etc/builder-web
            """
        )
        {
            NotifyCheckCommand.Create(options),
            NotifyDropCommand.Create(options),
            NotifyListCommand.Create(options),
            NotifyRetryCommand.Create(options),
            NotifyTestCommand.Create(options),
        };
        options.AddTo(command);
        return command;
    }
}
