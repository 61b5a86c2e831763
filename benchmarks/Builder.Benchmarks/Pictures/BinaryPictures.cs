using System.IO.Compression;
using BenchmarkDotNet.Attributes;
using Builder.Analysis.Drawing;
using Builder.Analysis.Elf;
using Builder.Testing;

namespace Builder.Benchmarks.Pictures;

/// <summary>
/// An OCaml program of 5.6 MB: dissected in less than 10 ms, drawn in less than 5. One of 25 MB with 77,000 symbols: all in all
/// less than 60 ms. The original takes 130 ms and 2.2 s.
/// </summary>
[MemoryDiagnoser]
public class BinaryPictures
{
    private string sample = "";
    private string large = "";
    private Dissection dissection = null!;

    [GlobalSetup]
    public void WriteFiles()
    {
        using var packed = new GZipStream(
            File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Vectors", "sample-a.debug.gz")),
            CompressionMode.Decompress
        );
        sample = Path.GetTempFileName();
        using (var file = File.Create(sample))
            packed.CopyTo(file);
        large = Path.GetTempFileName();
        File.WriteAllBytes(large, LargeBinary());
        dissection = DissectSample();
    }

    [GlobalCleanup]
    public void DeleteFiles()
    {
        File.Delete(sample);
        File.Delete(large);
    }

    [Benchmark]
    public Dissection DissectSample() => Dissect(sample);

    [Benchmark]
    public string DrawSample() => Treemap.Svg(dissection, new TreemapOptions());

    [Benchmark]
    public string ReadDissectAndDrawLarge() => Treemap.Svg(Dissect(large), new TreemapOptions());

    [Benchmark]
    public Dissection DissectLarge() => Dissect(large);

    /// <summary>1,100 units with 66 functions each.</summary>
    public static byte[] LargeBinary()
    {
        var image = new ElfImage();
        for (var unit = 0; unit < 1100; unit++)
            image.Unit($"Library_{unit / 12}__Part_{unit}", functions: 66, functionSize: 170 + unit % 30 * 4, dataSize: 6000);
        return image.ToArray();
    }

    private static Dissection Dissect(string path)
    {
        using var handle = File.OpenHandle(path);
        return
            ElfFile.TryRead(ByteSource.Of(handle), out var file, out var reason)
            && Dissection.TryDissect(file, DissectionOptions.Default, out var found, out reason)
            ? found
            : throw new InvalidDataException(reason);
    }
}
