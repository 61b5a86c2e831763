using System.CommandLine;
using Builder.Cli.Connecting;
using Builder.Cli.Errors;
using Builder.Cli.Text;
using Builder.Protocol.Messages;
using Builder.Protocol.Text;
using Builder.Protocol.Values;
using Wire = Builder.Protocol.Messages.Command;

namespace Builder.Cli.Client;

/// <summary><c>info</c>: schedule, queues, running builds, repetitions, workers and dropped platforms, as tables or as JSON.</summary>
internal static class InfoCommand
{
    /// <param name="asOriginal">Ask nothing that only our server knows.</param>
    public static System.CommandLine.Command Create(bool asOriginal)
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new System.CommandLine.Command(
            "info",
            "Show schedule, queues, running builds, repetitions, and the workers with the isolation of their jobs."
        )
        {
            json,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var link = ClientOptions.LinkOf(parsed);
                var info = await AskAsync(link, cancellationToken);
                var workers = asOriginal ? null : await KnownWorkers.AskAsync(link, cancellationToken);
                // A server that tells of its workers is ours.
                var repetitions = workers is null ? null : await KnownRepetitions.AskAsync(link, cancellationToken);
                var serving = workers is null ? null : await KnownServer.AskAsync(link, cancellationToken);
                var now = Timestamp.Now(TimeProvider.System);
                await using var output = StandardOutput.Open();
                if (parsed.GetValue(json))
                {
                    InfoJson.Write(output, info, workers?.Workers, repetitions, workers?.Gone, serving);
                }
                else
                {
                    await using var text = new StreamWriter(output, bufferSize: 32 << 10);
                    if (serving is not null)
                        await text.WriteAsync($"{VisibleText.Line(serving.Holder)} serves, epoch {serving.Epoch}\n\n");
                    InfoTable.Write(text, info, workers?.Workers, workers?.Gone, repetitions, now, TimeZoneInfo.Local);
                }
                return ExitCode.Success;
            }
        );
        return command;
    }

    public static async Task<ServerInfo> AskAsync(ServerLink link, CancellationToken cancellationToken)
    {
        using var server = await ServerConnection.OpenAsync(link, isExtended: false, cancellationToken);
        ServerInfo? info = null;
        await server.AskAsync(
            new Wire.Info(),
            answer =>
            {
                info = (answer as Wire.InfoReply)?.Server;
                return Task.CompletedTask;
            },
            cancellationToken
        );
        return info ?? throw new CommandException("the server said success, but nothing of its state");
    }
}
