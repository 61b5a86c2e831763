using System.Text.Json;
using Builder.Cli.Connecting;
using Builder.Cli.Errors;
using Builder.Protocol.Values;

namespace Builder.Cli.Client;

/// <summary>The workers of a server with how each keeps its jobs apart, which only our server tells.</summary>
internal static class KnownWorkers
{
    /// <summary>Less than people wait for: the rest of the state is there already.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <returns>Null where the server does not tell, such as the original.</returns>
    public static async Task<IReadOnlyList<KnownWorker>?> AskAsync(ServerLink link, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            using var answer = await ExtendedRequest.AskAsync(link, "workers", "{}"u8.ToArray(), limit.Token);
            return Read(answer.RootElement);
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
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    internal static IReadOnlyList<KnownWorker> Read(JsonElement answer) =>
        [
            .. answer
                .GetProperty("workers")
                .EnumerateArray()
                .Select(worker => new KnownWorker(
                    worker.GetProperty("name").GetString() ?? "",
                    worker.GetProperty("platform").GetString() ?? "",
                    worker.GetProperty("isolation").GetString() is { } name
                    && IsolationTier.TryParse(name, worker.GetProperty("isolation_reason").GetString() ?? "", out var tier)
                        ? tier
                        : null,
                    worker.GetProperty("job").GetString()
                )
                {
                    IsDrained = worker.TryGetProperty("drained", out var drained) && drained.ValueKind == JsonValueKind.True,
                }),
        ];
}
