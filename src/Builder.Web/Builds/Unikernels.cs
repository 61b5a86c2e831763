using System.Collections.Concurrent;
using Builder.Analysis.Elf;
using Builder.Storage.Artifacts;

namespace Builder.Web.Builds;

/// <summary>What main binaries say of themselves, where they are Solo5 unikernels. Contents never change, so each is read once.</summary>
internal sealed class Unikernels(IArtifactStore store)
{
    private const int MostRemembered = 20_000;

    private readonly ConcurrentDictionary<Sha256Digest, Solo5?> known = new();

    /// <summary>Null where it is none, or no longer there.</summary>
    public async ValueTask<Solo5?> FindAsync(Sha256Digest hash, CancellationToken stop)
    {
        if (known.TryGetValue(hash, out var solo5))
            return solo5;
        await using var content = await store.OpenAsync(hash, stop);
        if (content is null)
            return null;
        _ = Solo5.TryRead(content.Stream, out solo5, out _);
        if (known.Count >= MostRemembered)
            known.Clear();
        known[hash] = solo5;
        return solo5;
    }
}
