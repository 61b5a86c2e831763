using System.Buffers;
using System.Text.Json;
using Builder.Analysis.Comparison;
using Builder.Analysis.Opam;

namespace Builder.Fuzz.Targets;

/// <summary>An opam file or switch export: refused, or all that is made of it can be made.</summary>
internal static class OpamTarget
{
    public static FuzzTarget Create() => new("opam", Run);

    private static void Run(byte[] input)
    {
        if (!OpamFile.TryParse(input, "input", out var file, out _))
            return;
        OpamFile.TryParse(Print(file), "printed", out _, out _);
        using var json = new Utf8JsonWriter(Stream.Null, new JsonWriterOptions { MaxDepth = OpamTreeJson.MaximumDepth });
        OpamTreeJson.Write(json, file);
        if (!SwitchExport.TryParse(input, "input", out var export, out _))
            return;
        var comparison = SwitchComparer.Compare(export, export);
        if (comparison.Changed.Length + comparison.OtherVersion.Length + comparison.OnlyLeft.Length + comparison.Duniverse.Count > 0)
            throw new InvalidDataException("a switch differs from itself");
        SwitchSummary.Of(export);
        if (DependencyGraph.TryCreate(export, out var graph, out _))
            graph.TransitiveDependencies(graph.Roots[^1]);
        if (export.Roots is [var first, ..] && !export.TryRestrict(first.ToString(), out _, out var problem))
            throw new InvalidDataException(problem);
    }

    private static byte[] Print(OpamFile file)
    {
        var output = new ArrayBufferWriter<byte>();
        OpamPrinter.Print(file.Items.AsSpan(), output);
        return output.WrittenSpan.ToArray();
    }
}
