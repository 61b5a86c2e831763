namespace Builder.EndToEnd.Tests.Tracing;

/// <summary>A span as the collector received it. Ids are hexadecimal; times are nanoseconds since 1970.</summary>
/// <param name="Parent">Empty where it has none.</param>
/// <param name="Links">Each as the id of a trace and that of a span.</param>
internal sealed record ReceivedSpan(
    string Service,
    string Trace,
    string Id,
    string Parent,
    string Name,
    ulong Start,
    ulong End,
    int Status,
    IReadOnlyDictionary<string, string> Attributes,
    IReadOnlyList<(string Trace, string Span)> Links
)
{
    public const int Error = 2;
}
