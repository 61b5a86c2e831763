using System.Text.Json;
using Builder.Server.Scheduling;
using Builder.Server.Spool;

namespace Builder.Server.Connections;

/// <summary>What an extended client can ask for beyond the original's commands, in JSON. docs/protocol.md has the shapes.</summary>
internal sealed class ClientRequests(Farm farm, Func<IReadOnlyList<WaitingUpload>> spool)
{
    /// <returns>The answer, or the reason of a refusal.</returns>
    public async Task<(byte[]? Answer, string? Refusal)> CarryOutAsync(string verb, ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 8 });
            switch (verb)
            {
                case "spool":
                    return (SpoolJson.Of(spool()), null);
                case "status":
                    return (StatusJson.Of(farm), null);
                case "apply":
                    return await ApplyAsync(ApplyRequest.Read(document.RootElement));
                default:
                    return (null, $"\"{verb}\" is not a request that is known here");
            }
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException)
        {
            return (null, $"the request cannot be read: {error.Message}");
        }
    }

    private async Task<(byte[]? Answer, string? Refusal)> ApplyAsync(ApplyRequest request)
    {
        IReadOnlyList<JobChange> changes = [];
        var refusal = await farm.RequestAsync((scheduler, now) =>
        {
            (var reason, changes) = scheduler.Apply(request.Jobs, request.RemovesOthers, request.IsDryRun, now);
            return reason;
        });
        return refusal is null ? (ApplyJson.Of(changes), null) : (null, refusal);
    }
}
