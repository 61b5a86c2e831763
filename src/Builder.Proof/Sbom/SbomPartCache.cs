using Builder.Analysis.Values;

namespace Builder.Proof.Sbom;

/// <summary>
/// What was read from contents, kept by their hash: thousands of builds share a few switches and binaries. The oldest goes first. Not for use by several
/// threads at once.
/// </summary>
/// <param name="maxParts">More are not kept.</param>
public sealed class SbomPartCache(int maxParts)
{
    private readonly Dictionary<(Sha256Digest Hash, Type Part), object?> parts = [];
    private readonly Queue<(Sha256Digest Hash, Type Part)> order = [];

    /// <param name="read">Reads the part where it is not known yet. What it throws is not kept.</param>
    internal async ValueTask<T?> GetAsync<T>(Sha256Digest hash, Func<ValueTask<T?>> read)
        where T : class
    {
        var key = (hash, typeof(T));
        if (parts.TryGetValue(key, out var known))
            return (T?)known;
        var part = await read();
        if (order.Count >= maxParts)
            parts.Remove(order.Dequeue());
        parts.Add(key, part);
        order.Enqueue(key);
        return part;
    }
}
