using System.Diagnostics;
using Builder.Protocol.Values;

namespace Builder.Protocol.Tracing;

/// <summary>Work in the background on several builds at once: a span in the trace of each.</summary>
public sealed class BackgroundSpans : IDisposable
{
    private readonly List<Activity> spans = [];

    private BackgroundSpans() { }

    /// <returns>Null where nobody listens.</returns>
    public static BackgroundSpans? Start(IEnumerable<BuildUuid> builds, string name)
    {
        if (!BuildTrace.IsOn)
            return null;
        var all = new BackgroundSpans();
        foreach (var build in builds)
        {
            if (BuildTrace.StartBackground(build, name) is { } span)
                all.spans.Add(span);
        }
        return all;
    }

    /// <summary>Ends them, the last one first: each start made its span the current one.</summary>
    public void Dispose()
    {
        for (var i = spans.Count - 1; i >= 0; i--)
            spans[i].Dispose();
    }
}
