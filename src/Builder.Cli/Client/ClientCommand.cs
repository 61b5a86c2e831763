using System.CommandLine;

namespace Builder.Cli.Client;

/// <summary><c>builder client</c>: what people and scripts ask of a server.</summary>
internal static class ClientCommand
{
    public static Command Create()
    {
        var command = new Command("client", "Schedule, run and watch jobs.")
        {
            ClientOptions.Remote, ClientOptions.KeyFile, ClientOptions.Tls, ClientOptions.TlsAuthority,
        };
        foreach (var part in (Command[])
        [
            ApplyCommand.Create(),
            CancelCommand.Create(),
            InfoCommand.Create(),
            ObserveCommand.Create(),
            ObserveCommand.CreateLatest(),
            SpoolCommand.Create(),
            .. ScheduleCommands.Create(),
        ])
        {
            command.Add(part);
        }
        return command;
    }
}
