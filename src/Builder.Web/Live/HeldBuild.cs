using System.Text.Json;
using Builder.Protocol.Values;

namespace Builder.Web.Live;

/// <summary>A finished build that the build server keeps: the site refused it, and would again.</summary>
/// <param name="Reason">Why, in the words of the refusal.</param>
public sealed record HeldBuild(BuildUuid Uuid, string Job, string Platform, string Reason)
{
    /// <returns>Null where it is not what a server of ours answers to <c>spool</c>.</returns>
    internal static IReadOnlyList<HeldBuild>? Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8 });
            return [.. document.RootElement.EnumerateArray().Where(IsHeld).Select(ReadBuild)];
        }
        catch (Exception exception)
            when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Servers of an earlier version hold nothing.</summary>
    private static bool IsHeld(JsonElement upload) => upload.TryGetProperty("held", out var held) && held.GetBoolean();

    private static HeldBuild ReadBuild(JsonElement upload) =>
        new(
            BuildUuid.Parse(upload.GetProperty("uuid").GetString() ?? ""),
            upload.GetProperty("job").GetString() ?? "",
            upload.GetProperty("platform").GetString() ?? "",
            upload.GetProperty("problem").GetString() ?? ""
        );
}
