using BenchmarkDotNet.Attributes;
using Builder.Analysis.Comparison;
using Builder.Analysis.Opam;

namespace Builder.Benchmarks.Opam;

/// <summary>What the comparison page asks for: two exports of some 200 packages, 335 kB each. Must stay under 25 ms; the original took 55.</summary>
[MemoryDiagnoser]
public class SwitchComparison
{
    private byte[] left = [];
    private byte[] right = [];

    [GlobalSetup]
    public void ReadExports() => (left, right) = (Vectors.Switch("left"), Vectors.Switch("right"));

    [Benchmark]
    public SwitchExport Parse() => SwitchExport.Parse(left, "left");

    [Benchmark]
    public OpamComparison ParseBothAndCompare() =>
        SwitchComparer.Compare(SwitchExport.Parse(left, "left"), SwitchExport.Parse(right, "right"));
}
