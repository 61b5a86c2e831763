using System.Collections.Concurrent;
using Builder.Protocol.Values;

namespace Builder.Web.Builds;

/// <summary>Indexes of consoles that were looked at lately. A build's console never changes, so each is gone through once.</summary>
internal sealed class ConsoleIndexes
{
    private const int MaxRemembered = 512;

    private readonly ConcurrentDictionary<BuildUuid, ConsoleIndex> known = new();

    /// <param name="error">The first error, where it is known.</param>
    public async ValueTask<ConsoleIndex> FindAsync(BuildUuid build, Stream console, KnownError? error, CancellationToken cancellationToken)
    {
        if (known.TryGetValue(build, out var index))
            return index;
        index = await ConsoleIndex.BuildAsync(console, error, cancellationToken);
        if (known.Count >= MaxRemembered)
            known.Clear();
        known[build] = index;
        return index;
    }
}
