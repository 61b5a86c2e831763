using System.Globalization;
using System.Text;
using Builder.Analysis.Opam;
using Builder.Testing;

namespace Builder.Analysis.Tests.Drawing;

internal static class GraphSamples
{
    public static DependencyGraph OfSwitch(string name) => Of(Vectors.Read($"opam/switches/{name}.opam-switch"));

    /// <summary>A root, a third of the packages below it, and each of those on a few others.</summary>
    public static DependencyGraph Made(int packages)
    {
        var direct = Math.Max(2, packages / 3);
        var text = new StringBuilder("opam-version: \"2.0\"\nroots: [\"root.1\"]\ninstalled: [\"root.1\"");
        for (var i = 0; i < packages; i++)
            text.Append(CultureInfo.InvariantCulture, $" \"package-{i}.1\"");
        text.Append("]\npackage \"root\" {\n  version: \"1\"\n  depends: [");
        for (var i = 0; i < direct && i < packages; i++)
            text.Append(CultureInfo.InvariantCulture, $" \"package-{i}\"");
        text.Append("]\n}\n");
        for (var i = 0; i < packages; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"package \"package-{i}\" {{\n  version: \"1\"\n  depends: [");
            for (var j = 1; j <= i % 12; j++)
                text.Append(CultureInfo.InvariantCulture, $" \"package-{(i * 7 + j * j * 31) % packages}\"");
            text.Append("]\n}\n");
        }
        return Of(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static DependencyGraph Of(byte[] bytes) =>
        DependencyGraph.TryCreate(SwitchExport.Parse(bytes, "switch"), out var graph, out var problem)
            ? graph
            : throw new InvalidDataException(problem);
}
