namespace Builder.Proof.Log;

/// <summary>Where tiles come from: files, or a site. What it gives is not checked.</summary>
public interface ITileSource
{
    /// <summary>The tile's bytes; where a partial one is gone, those of the full one. Null where there is none.</summary>
    ValueTask<byte[]?> ReadAsync(TileAddress address, CancellationToken cancellationToken);
}
