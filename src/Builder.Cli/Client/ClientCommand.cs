using System.CommandLine;

namespace Builder.Cli.Client;

/// <summary><c>builder client</c>: what people and scripts ask of a server.</summary>
internal static class ClientCommand
{
    public static Command Create()
    {
        var command = new Command("client", "Schedule, run and watch jobs.") { ClientOptions.Remote };
        foreach (var part in (Command[])
        [
            InfoCommand.Create(),
            ObserveCommand.Create(),
            ObserveCommand.CreateLatest(),
            .. ScheduleCommands.Create(),
        ])
        {
            command.Add(part);
        }
        return command;
    }
}
