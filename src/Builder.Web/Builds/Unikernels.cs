using System.Collections.Concurrent;
using Builder.Analysis.Elf;
using Builder.Analysis.Values;
using Builder.Storage.Artifacts;

namespace Builder.Web.Builds;

/// <summary>What main binaries say of themselves, where they are Solo5 unikernels. Contents never change, so each is read once.</summary>
internal sealed partial class Unikernels(IArtifactStore store, ILogger<Unikernels> log)
{
    private const int MaxRemembered = 20_000;

    private readonly ConcurrentDictionary<Sha256Digest, Solo5?> known = new();

    /// <summary>Null where it is none, or no longer there.</summary>
    public async ValueTask<Solo5?> FindAsync(Sha256Digest hash, CancellationToken cancellationToken)
    {
        if (known.TryGetValue(hash, out var solo5))
            return solo5;
        await using var content = await store.OpenAsync(hash, cancellationToken);
        if (content is null)
            return null;
        if (!Solo5.TryRead(content.Stream, out solo5, out var reason))
            LogNone(hash, reason);
        if (known.Count >= MaxRemembered)
            known.Clear();
        known[hash] = solo5;
        return solo5;
    }

    [LoggerMessage(EventId = 40, Level = LogLevel.Debug, Message = "{Hash} is no Solo5 unikernel: {Reason}")]
    private partial void LogNone(Sha256Digest hash, string reason);
}
