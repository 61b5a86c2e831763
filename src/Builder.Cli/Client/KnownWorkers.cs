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
    public static async Task<(IReadOnlyList<KnownWorker> Workers, IReadOnlyList<GoneWorker> Gone)?> AskAsync(
        ServerLink link,
        CancellationToken cancellationToken
    )
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            using var answer = await ExtendedRequest.AskAsync(link, "workers", "{}"u8.ToArray(), limit.Token);
            return (Read(answer.RootElement), ReadGone(answer.RootElement));
        }
        catch (Exception exception)
            when (exception
                    is CommandException
                        or UnreachableException
                        or IOException
                        or JsonException
                        or KeyNotFoundException
                        or InvalidOperationException
                        or FormatException
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
                        ? tier with
                        {
                            Root =
                                worker.TryGetProperty("root", out var told) && JobRoot.TryParse(told.GetString(), out var root)
                                    ? root
                                    : null,
                        }
                        : null,
                    worker.GetProperty("job").GetString()
                )
                {
                    Version = worker.TryGetProperty("version", out var version) ? version.GetString() : null,
                    LastSeen = worker.TryGetProperty("last_seen", out var seen) && seen.TryGetDateTimeOffset(out var time) ? time : null,
                    IsDrained = worker.TryGetProperty("drained", out var drained) && drained.ValueKind == JsonValueKind.True,
                }),
        ];

    internal static IReadOnlyList<GoneWorker> ReadGone(JsonElement answer) =>
        answer.TryGetProperty("gone", out var gone)
            ?
            [
                .. gone.EnumerateArray()
                    .Select(static worker => new GoneWorker(
                        worker.GetProperty("name").GetString() ?? "",
                        worker.GetProperty("platform").GetString() ?? "",
                        worker.GetProperty("version").GetString(),
                        worker.GetProperty("last_seen").GetDateTimeOffset()
                    )),
            ]
            : [];
}
