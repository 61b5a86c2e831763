using System.Diagnostics;

namespace Builder.Protocol.Tracing;

/// <summary>A <c>traceparent</c> as W3C Trace Context writes it: <c>00-TRACE-SPAN-FLAGS</c>, 55 characters.</summary>
public static class TraceParent
{
    /// <summary>The name of the header, and of the member in JSON.</summary>
    public const string Name = "traceparent";

    private const int Length = 55;

    /// <summary>False for everything else, other versions and ids of zeros among it.</summary>
    public static bool TryParse(string? text, out ActivityContext context)
    {
        context = default;
        return text is { Length: Length }
            && text.StartsWith("00-", StringComparison.Ordinal)
            && ActivityContext.TryParse(text, traceState: null, isRemote: true, out context)
            && context.TraceId != default
            && context.SpanId != default;
    }
}
