using System.Diagnostics;
using System.Text.Json;
using Builder.Protocol.Values;
using Builder.Server.Dispatch;
using Builder.Server.Scheduling;
using Builder.Server.Shared;
using Builder.Server.Uploads;

namespace Builder.Server.Connections;

/// <summary>What an extended client can ask for beyond the original's commands, in JSON. docs/protocol.md has the shapes.</summary>
internal sealed class ClientRequests(Dispatcher dispatcher, Uploader? uploader, ServerLease? lease)
{
    private const string NoUploads = "this server does not upload: it was started without --upload";

    /// <param name="client">The span of the client that asks; null where it does not trace.</param>
    /// <returns>The answer, or the reason of a refusal.</returns>
    public async Task<(byte[]? Answer, string? Refusal)> CarryOutAsync(
        string verb,
        ReadOnlyMemory<byte> body,
        ActivityContext? client = null
    )
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 8 });
            switch (verb)
            {
                case "spool":
                    return (SpoolJson.Of(uploader?.Waiting ?? []), null);
                case "spool-retry":
                    return Answer(uploader is null ? NoUploads : uploader.Retry(UuidOf(document.RootElement)));
                case "spool-drop":
                    return Answer(uploader is null ? NoUploads : await uploader.DropAsync(UuidOf(document.RootElement)));
                case "server":
                    return (ServerJson.Of(lease), null);
                case "status":
                    return (StatusJson.Of(dispatcher), null);
                case "workers":
                    return (WorkersJson.Of(dispatcher), null);
                case "policies":
                    return (PoliciesJson.Of(dispatcher), null);
                case "budget":
                    return dispatcher.Finished.Find(UuidOf(document.RootElement)) is { } over
                        ? (BudgetJson.Of(over), null)
                        : (null, "the build has not ended, or the server does not remember it");
                case "repetitions":
                    return (RepetitionsJson.Of(dispatcher), null);
                case "repeat":
                    return Answer(await RepeatAsync(document.RootElement, client));
                case "drain":
                    return Answer(await dispatcher.DrainAsync(WorkerOf(document.RootElement)));
                case "undrain":
                    return Answer(await dispatcher.UndrainAsync(WorkerOf(document.RootElement)));
                case "apply":
                    return await ApplyAsync(ApplyRequest.Read(document.RootElement), client);
                default:
                    return (null, $"\"{verb}\" is not a request that is known here");
            }
        }
        catch (Exception exception)
            when (exception is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            return (null, $"the request cannot be read: {exception.Message}");
        }
    }

    private static (byte[]? Answer, string? Refusal) Answer(string? refusal) => (refusal is null ? "{}"u8.ToArray() : null, refusal);

    private static BuildUuid UuidOf(JsonElement body) =>
        BuildUuid.TryParse(body.GetProperty("uuid").GetString() ?? "", out var uuid)
            ? uuid
            : throw new FormatException("\"uuid\" is not a uuid");

    private static string WorkerOf(JsonElement body) => body.GetProperty("worker").GetString() ?? "";

    private Task<string?> RepeatAsync(JsonElement body, ActivityContext? client)
    {
        Variations? vary = null;
        if (body.TryGetProperty("vary", out var names))
            vary = VariationNames.TryParseSet(names.GetString() ?? "", out var set, out var reason)
                ? set
                : throw new FormatException(reason);
        var job = ByteString.FromUtf8(body.GetProperty("job").GetString() ?? "");
        var platform =
            body.TryGetProperty("platform", out var given) && given.GetString() is { } named
                ? ByteString.FromUtf8(named)
                : (ByteString?)null;
        return dispatcher.AskedAsync(client, NamesOf([job]), () => dispatcher.RepeatAsync(job, platform, vary));
    }

    private async Task<(byte[]? Answer, string? Refusal)> ApplyAsync(ApplyRequest request, ActivityContext? client)
    {
        IReadOnlyList<JobChange> changes = [];
        var refusal = await dispatcher.AskedAsync(
            request.IsDryRun ? null : client,
            NamesOf(request.Jobs.Select(static job => job.Job.Name)),
            () =>
                dispatcher.RequestAsync(
                    (scheduler, now) =>
                    {
                        (var reason, changes) = scheduler.Apply(request.Jobs, request.RemovesOthers, request.IsDryRun, now);
                        return reason;
                    }
                )
        );
        // Jobs that were there before are not queued by this.
        if (client is { } span)
            dispatcher.Spans.Withdrawn(
                span,
                changes.Where(static change => change.Kind != JobChangeKind.Added).Select(static change => change.Name)
            );
        return refusal is null ? (ApplyJson.Of(changes), null) : (null, refusal);
    }

    private static List<JobName> NamesOf(IEnumerable<ByteString> names)
    {
        var parsed = new List<JobName>();
        foreach (var bytes in names)
        {
            if (JobName.TryParse(bytes, out var name, out _))
                parsed.Add(name);
        }
        return parsed;
    }
}
