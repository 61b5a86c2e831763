using System.IO.Compression;
using Builder.Analysis.Elf;
using Builder.Testing;

namespace Builder.Analysis.Tests.Elf;

internal static class Samples
{
    private static readonly Lazy<byte[]> Bytes = new(() =>
    {
        using var file = new GZipStream(Vectors.Open("treemap/sample-a.debug.gz"), CompressionMode.Decompress);
        using var copy = new MemoryStream();
        file.CopyTo(copy);
        return copy.ToArray();
    });

    private static readonly Lazy<Dissection> Dissected = new(() => Dissect(SampleABytes));

    /// <summary>An OCaml 4.13 program with symbols and debug information.</summary>
    public static byte[] SampleABytes => Bytes.Value;

    public static Dissection SampleA => Dissected.Value;

    public static ElfFile Elf(byte[] bytes) =>
        ElfFile.TryRead(ByteSource.Of(bytes), out var file, out var reason) ? file : throw new InvalidDataException(reason);

    public static Dissection Dissect(byte[] bytes) =>
        Dissection.TryDissect(Elf(bytes), DissectionOptions.Default, out var dissection, out var reason)
            ? dissection
            : throw new InvalidDataException(reason);
}
