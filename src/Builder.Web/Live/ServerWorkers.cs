using System.Text.Json;
using Builder.Protocol.Values;

namespace Builder.Web.Live;

/// <summary>The workers of a build server, and the jobs that it gives to none of them.</summary>
/// <param name="HoldReason">Why jobs are kept queued, and how to have them run; null where none is.</param>
public sealed record ServerWorkers(IReadOnlyList<ServerWorker> Workers, int HeldJobs, string? HoldReason)
{
    /// <summary>Names of workers that get no more jobs, connected or not.</summary>
    public IReadOnlyList<string> Drained { get; init; } = [];

    /// <summary>Workers that were connected and are not any more, the last seen first.</summary>
    public IReadOnlyList<GoneWorker> Gone { get; init; } = [];

    /// <returns>Null where it is not what a server of ours answers to <c>workers</c>.</returns>
    internal static ServerWorkers? Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8 });
            var root = document.RootElement;
            return new ServerWorkers(
                [.. root.GetProperty("workers").EnumerateArray().Select(ReadWorker)],
                root.GetProperty("held_jobs").GetInt32(),
                root.GetProperty("hold_reason").GetString()
            )
            {
                Drained = root.TryGetProperty("drained", out var names)
                    ? [.. names.EnumerateArray().Select(static name => name.GetString()).OfType<string>()]
                    : [],
                Gone = root.TryGetProperty("gone", out var gone) ? [.. gone.EnumerateArray().Select(ReadGone)] : [],
            };
        }
        catch (Exception exception)
            when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static GoneWorker ReadGone(JsonElement worker) =>
        new(
            worker.GetProperty("name").GetString() ?? "",
            worker.GetProperty("platform").GetString() ?? "",
            worker.GetProperty("version").GetString(),
            Timestamp.From(worker.GetProperty("last_seen").GetDateTimeOffset())
        );

    private static ServerWorker ReadWorker(JsonElement worker)
    {
        var reason = worker.GetProperty("isolation_reason").GetString() ?? "";
        var isolation =
            worker.GetProperty("isolation").GetString() is { } name && IsolationTier.TryParse(name, reason, out var tier)
                ? tier with
                {
                    Root = worker.TryGetProperty("root", out var root) && JobRoot.TryParse(root.GetString(), out var known) ? known : null,
                }
                : null;
        return new ServerWorker(
            worker.GetProperty("name").GetString() ?? "",
            worker.GetProperty("platform").GetString() ?? "",
            isolation,
            worker.GetProperty("job").GetString()
        )
        {
            Since = worker.TryGetProperty("since", out var since) && since.TryGetDateTimeOffset(out var time) ? Timestamp.From(time) : null,
            StableName = worker.TryGetProperty("stable_name", out var stable) ? stable.GetString() : null,
            Version = worker.TryGetProperty("version", out var version) ? version.GetString() : null,
            LastSeen =
                worker.TryGetProperty("last_seen", out var seen) && seen.TryGetDateTimeOffset(out var heard) ? Timestamp.From(heard) : null,
            IsDrained = worker.TryGetProperty("drained", out var drained) && drained.ValueKind == JsonValueKind.True,
        };
    }
}
