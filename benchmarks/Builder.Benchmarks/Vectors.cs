using System.IO.Compression;

namespace Builder.Benchmarks;

/// <summary>Real files to measure with.</summary>
internal static class Vectors
{
    /// <summary>An export of some 200 packages, 335 kB; <c>left</c> or <c>right</c>.</summary>
    public static byte[] Switch(string side)
    {
        using var file = new GZipStream(
            File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Vectors", $"opam-switch.{side}.gz")),
            CompressionMode.Decompress
        );
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }
}
