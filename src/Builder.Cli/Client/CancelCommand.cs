using System.CommandLine;
using Builder.Cli.Connecting;
using Builder.Cli.Errors;

namespace Builder.Cli.Client;

/// <summary><c>cancel UUID</c>: ends a running build.</summary>
internal static class CancelCommand
{
    public static Command Create()
    {
        var uuid = ClientOptions.Uuid();
        var command = new Command("cancel", "End a running build; it is recorded as cancelled.") { uuid };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                using var server = await ServerConnection.OpenAsync(ClientOptions.LinkOf(parsed), isExtended: true, cancellationToken);
                await server.AskAsync(
                    new Protocol.Messages.Command.Cancel(parsed.GetValue(uuid)),
                    _ => Task.CompletedTask,
                    cancellationToken
                );
                return ExitCode.Success;
            }
        );
        return command;
    }
}
