using System.Text.Json;
using Builder.Cli.Connecting;
using Builder.Cli.Errors;

namespace Builder.Cli.Client;

/// <summary>The repetitions of a server, which only our server tells.</summary>
internal static class KnownRepetitions
{
    /// <returns>Those under way first; null where the server does not tell, such as the original.</returns>
    public static async Task<IReadOnlyList<KnownRepetition>?> AskAsync(ServerLink link, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await ExtendedRequest.AskAsync(link, "repetitions", "{}"u8.ToArray(), cancellationToken);
            return
            [
                .. Read(answer.RootElement.GetProperty("running"), isRunning: true),
                .. Read(answer.RootElement.GetProperty("repetitions"), isRunning: false),
            ];
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

    private static IEnumerable<KnownRepetition> Read(JsonElement list, bool isRunning) =>
        list.EnumerateArray()
            .Select(one => new KnownRepetition(
                one.GetProperty("job").GetString() ?? "",
                one.GetProperty("platform").GetString() ?? "",
                one.GetProperty("repeats").GetString() ?? "",
                one.GetProperty("vary").GetString() ?? "",
                one.GetProperty("bisection").GetBoolean(),
                isRunning ? one.GetProperty("build").GetString() : null
            ));
}
