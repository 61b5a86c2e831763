using System.Text.Json;
using Builder.Cli.Connecting;
using Builder.Cli.Errors;

namespace Builder.Cli.Client;

/// <summary>Which of several servers on one state answers.</summary>
/// <param name="Epoch">Of the state: one more with each takeover.</param>
internal sealed record KnownServer(string Holder, long Epoch)
{
    /// <returns>Null where the state is the server's own, or the server does not tell.</returns>
    public static async Task<KnownServer?> AskAsync(ServerLink link, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await ExtendedRequest.AskAsync(link, "server", "{}"u8.ToArray(), cancellationToken);
            return answer.RootElement.GetProperty("epoch") is { ValueKind: JsonValueKind.Number } epoch
                ? new KnownServer(answer.RootElement.GetProperty("holder").GetString() ?? "", epoch.GetInt64())
                : null;
        }
        catch (Exception exception)
            when (exception
                    is CommandException
                        or UnreachableException
                        or IOException
                        or JsonException
                        or KeyNotFoundException
                        or InvalidOperationException
            )
        {
            return null;
        }
    }
}
