using System.IO.Compression;
using BenchmarkDotNet.Attributes;
using Builder.Analysis.Drawing;
using Builder.Analysis.Opam;

namespace Builder.Benchmarks.Pictures;

/// <summary>A graph of some 200 packages: drawn in less than 20 ms.</summary>
[MemoryDiagnoser]
public class DependencyPictures
{
    private DependencyGraph graph = null!;

    [GlobalSetup]
    public void ReadGraph()
    {
        using var file = new GZipStream(
            File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Vectors", "opam-switch.left.gz")),
            CompressionMode.Decompress
        );
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        graph = DependencyGraph.TryCreate(SwitchExport.Parse(bytes.ToArray(), "left"), out var found, out var problem)
            ? found
            : throw new InvalidDataException(problem);
    }

    [Benchmark]
    public string Svg() => DependencyDrawing.Svg(graph, new DependencyDrawingOptions());

    [Benchmark]
    public string PageForAllWidths() => DependencyDrawing.Page(graph, new DependencyDrawingOptions());
}
