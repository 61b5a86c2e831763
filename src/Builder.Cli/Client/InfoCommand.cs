using System.CommandLine;
using Builder.Protocol;
using Wire = Builder.Protocol.Command;

namespace Builder.Cli.Client;

/// <summary><c>info</c>: schedule, queues, running builds and dropped platforms, as tables or as JSON.</summary>
internal static class InfoCommand
{
    public static System.CommandLine.Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new System.CommandLine.Command("info", "Show schedule, queues and running builds.") { json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var info = await AskAsync(ClientOptions.LinkOf(parsed), cancellation);
            var now = Timestamp.Now(TimeProvider.System);
            await using var output = StandardOutput.Open();
            if (parsed.GetValue(json))
            {
                InfoJson.Write(output, info);
            }
            else
            {
                await using var text = new StreamWriter(output, bufferSize: 32 << 10);
                InfoTable.Write(text, info, now, TimeZoneInfo.Local);
            }
            return ExitCode.Success;
        });
        return command;
    }

    public static async Task<ServerInfo> AskAsync(ServerLink link, CancellationToken cancellation)
    {
        using var server = await ServerConnection.OpenAsync(link, isExtended: false, cancellation);
        ServerInfo? info = null;
        await server.AskAsync(
            new Wire.Info(),
            answer =>
            {
                info = (answer as Wire.InfoReply)?.Server;
                return Task.CompletedTask;
            },
            cancellation);
        return info ?? throw new CommandException("the server said success, but nothing of its state");
    }
}
