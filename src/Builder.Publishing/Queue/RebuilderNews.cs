using Builder.Protocol.Values;

namespace Builder.Publishing.Queue;

/// <param name="LastStatement">Id of the last statement that was seen.</param>
/// <param name="Builds">About which something new was said.</param>
/// <param name="State">Changes with rules and revocations.</param>
public sealed record RebuilderNews(long LastStatement, IReadOnlyList<BuildUuid> Builds, string? State)
{
    public static RebuilderNews None { get; } = new(0, [], null);
}
