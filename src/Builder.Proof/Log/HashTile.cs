using Builder.Analysis.Values;

namespace Builder.Proof.Log;

/// <summary>The bytes of a tile of hashes: 32 for each, one after the other.</summary>
public static class HashTile
{
    public static byte[] Write(ReadOnlySpan<Sha256Digest> hashes)
    {
        var bytes = new byte[hashes.Length * Sha256Digest.SizeInBytes];
        for (var i = 0; i < hashes.Length; i++)
            hashes[i].CopyTo(bytes.AsSpan(i * Sha256Digest.SizeInBytes));
        return bytes;
    }

    /// <summary>The first <paramref name="width"/> hashes.</summary>
    /// <exception cref="InvalidLogDataException">It holds fewer.</exception>
    public static Sha256Digest[] Read(ReadOnlySpan<byte> tile, int width)
    {
        if (tile.Length % Sha256Digest.SizeInBytes != 0 || tile.Length < width * Sha256Digest.SizeInBytes)
            throw new InvalidLogDataException($"a tile of {width} hashes has {width * Sha256Digest.SizeInBytes} bytes, not {tile.Length}");
        var hashes = new Sha256Digest[width];
        for (var i = 0; i < width; i++)
            hashes[i] = Sha256Digest.FromBytes(tile.Slice(i * Sha256Digest.SizeInBytes, Sha256Digest.SizeInBytes));
        return hashes;
    }
}
