using System.Collections.Concurrent;

namespace Builder.Web.Http;

/// <summary>Things kept as long as somebody asks for them, up to a size.</summary>
/// <param name="largestInBytes">Of one thing; what is larger is not kept.</param>
internal sealed class BoundedCache<TKey, TThing>(long maxTotalBytes, long largestInBytes)
    where TKey : notnull
    where TThing : class
{
    private volatile Shelf young = new();
    private volatile Shelf old = new();

    public TThing? Find(TKey key)
    {
        if (young.Things.TryGetValue(key, out var kept))
            return kept.Thing;
        if (!old.Things.TryGetValue(key, out kept))
            return null;
        Keep(key, kept.Thing, kept.Bytes);
        return kept.Thing;
    }

    public void Keep(TKey key, TThing thing, long bytes)
    {
        if (bytes > largestInBytes)
            return;
        var current = young;
        if (current.Bytes > maxTotalBytes / 2)
        {
            // What is still asked for comes over from the old shelf one by one; the rest goes with it.
            old = current;
            young = current = new Shelf();
        }
        current.Put(key, thing, bytes);
    }

    private sealed class Shelf
    {
        private long bytes;

        public ConcurrentDictionary<TKey, (TThing Thing, long Bytes)> Things { get; } = new();

        public long Bytes => Interlocked.Read(ref bytes);

        public void Put(TKey key, TThing thing, long size)
        {
            Things[key] = (thing, size);
            Interlocked.Add(ref bytes, size);
        }
    }
}
