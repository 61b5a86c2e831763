using Builder.Analysis.Values;

namespace Builder.Proof.Sbom;

/// <summary>
/// What was read from contents, kept by their hash: thousands of builds share a few switches and binaries. The oldest goes first. Safe for use by
/// several threads; two that want the same at once may both read it.
/// </summary>
/// <param name="maxParts">More are not kept.</param>
public sealed class SbomPartCache(int maxParts)
{
    private readonly Lock gate = new();
    private readonly Dictionary<(Sha256Digest Hash, Type Part), object?> parts = [];
    private readonly Queue<(Sha256Digest Hash, Type Part)> order = [];

    /// <param name="read">Reads the part where it is not known yet. What it throws is not kept.</param>
    public async ValueTask<T?> GetAsync<T>(Sha256Digest hash, Func<ValueTask<T?>> read)
        where T : class
    {
        var key = (hash, typeof(T));
        lock (gate)
        {
            if (parts.TryGetValue(key, out var known))
                return (T?)known;
        }
        var part = await read();
        lock (gate)
        {
            if (!parts.TryAdd(key, part))
                return part;
            order.Enqueue(key);
            if (order.Count > maxParts)
                parts.Remove(order.Dequeue());
        }
        return part;
    }
}
