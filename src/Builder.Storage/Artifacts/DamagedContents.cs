using System.Collections.Concurrent;
using Builder.Analysis.Values;

namespace Builder.Storage.Artifacts;

/// <summary>Which contents were found damaged, by a reader or by the check in the background, and not found right since.</summary>
public sealed class DamagedContents
{
    private readonly ConcurrentDictionary<Sha256Digest, DamagedContent> known = [];
    private long found;
    private int version;

    /// <summary>Told once for each content that turns out to be damaged.</summary>
    public event Action<DamagedContent>? Found;

    public int Count => known.Count;

    /// <summary>How often damage was found since the start, one content again and again included.</summary>
    public long Detections => Volatile.Read(ref found);

    /// <summary>Changes whenever the set does.</summary>
    public int Version => Volatile.Read(ref version);

    public IReadOnlyCollection<DamagedContent> All => [.. known.Values.OrderBy(content => content.Digest)];

    public bool Contains(Sha256Digest digest) => !known.IsEmpty && known.ContainsKey(digest);

    internal void Add(Sha256Digest digest, string reason)
    {
        Interlocked.Increment(ref found);
        var content = new DamagedContent(digest, reason);
        if (!known.TryAdd(digest, content))
            return;
        Interlocked.Increment(ref version);
        Found?.Invoke(content);
    }

    /// <summary>It was read and is right, or it is gone.</summary>
    internal void Remove(Sha256Digest digest)
    {
        if (!known.IsEmpty && known.TryRemove(digest, out _))
            Interlocked.Increment(ref version);
    }
}
