using System.Text.Json.Serialization;

namespace Builder.Storage.Artifacts;

/// <summary>How far the check of all contents has come, as it is kept in <c>_check.json</c>.</summary>
/// <param name="Started">When the pass under way began; null between two passes.</param>
/// <param name="Next">The first hash, or beginning of one, that this pass has not read; empty at its beginning.</param>
/// <param name="Finished">When a pass was last through.</param>
/// <param name="Checked">How many contents the last pass that was through has read.</param>
public sealed record ScrubState(DateTimeOffset? Started, string Next, DateTimeOffset? Finished, long Checked)
{
    public static ScrubState None { get; } = new(null, "", null, 0);

    /// <summary>How many contents the pass under way has read.</summary>
    public long CheckedSoFar { get; init; }

    /// <summary>SHA-256 and what differs.</summary>
    public IReadOnlyDictionary<string, string> Damaged { get; init; } = new Dictionary<string, string>();
}

[JsonSerializable(typeof(ScrubState))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
internal sealed partial class ScrubStateJson : JsonSerializerContext;
