using Builder.Analysis.Deltas;
using Builder.Analysis.Values;
using Builder.Storage.Artifacts;
using Builder.Storage.Packing;

namespace Builder.Storage.Repacking;

/// <summary>The content that an earlier build has at a path; in memory when the one after it needs it.</summary>
internal sealed class PreviousContent(ContentRebuilder rebuilder) : IDisposable
{
    private NativeBytes? bytes;
    private bool isThere;

    public Sha256Digest Digest { get; private set; }

    /// <summary>How many patches it takes to make it.</summary>
    public int Depth { get; private set; }

    /// <param name="content">Its bytes, which are given back here; null where they are not in memory.</param>
    public void Set(Sha256Digest digest, int depth, NativeBytes? content)
    {
        bytes?.Dispose();
        (Digest, Depth, bytes, isThere) = (digest, depth, content, true);
    }

    /// <returns>Null where there is none, or none that can be read.</returns>
    public async Task<NativeBytes?> ReadAsync(CancellationToken cancellationToken)
    {
        if (bytes is not null || !isThere)
            return bytes;
        try
        {
            return bytes = await rebuilder.ReadAsync(Digest, cancellationToken);
        }
        catch (Exception exception) when (exception is DamagedContentException or BrokenPackingException)
        {
            isThere = false;
            return null;
        }
    }

    public void Dispose() => bytes?.Dispose();
}
