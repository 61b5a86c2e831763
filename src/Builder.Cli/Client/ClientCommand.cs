using System.CommandLine;
using Builder.Cli.Download;
using Builder.Cli.Tracing;

namespace Builder.Cli.Client;

/// <summary><c>builder client</c>: what people and scripts ask of a server.</summary>
internal static class ClientCommand
{
    /// <param name="asOriginal">Print what the original client prints.</param>
    public static Command Create(bool asOriginal = false)
    {
        var command = new Command("client", "Schedule, run and watch jobs.")
        {
            ClientOptions.Remote,
            ClientOptions.KeyFile,
            ClientOptions.Tls,
            ClientOptions.TlsAuthority,
        };
        var traces = new TraceOption();
        traces.AddTo(command, isRecursive: true);
        foreach (
            var part in (Command[])
                [
                    ApplyCommand.Create(),
                    CancelCommand.Create(),
                    DownloadCommand.Create(),
                    InfoCommand.Create(asOriginal),
                    ObserveCommand.Create(asOriginal),
                    ObserveCommand.CreateLatest(asOriginal),
                    RepeatCommand.Create(),
                    SpoolCommand.Create(),
                    DrainCommands.CreateDrain(),
                    DrainCommands.CreateUndrain(),
                    .. ScheduleCommands.Create(asOriginal),
                ]
        )
        {
            ClientTrace.Around(part, traces);
            command.Add(part);
        }
        return command;
    }
}
