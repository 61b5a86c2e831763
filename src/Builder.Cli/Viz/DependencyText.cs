using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Builder.Analysis.Opam;

namespace Builder.Cli.Viz;

/// <summary>A dependency graph in words, for people and for other programs.</summary>
internal static class DependencyText
{
    /// <summary><c>[ROOT ]name: a, b, c</c>; several packages may be roots.</summary>
    public static byte[] Lines(DependencyGraph graph, bool transitive)
    {
        var text = new StringBuilder();
        foreach (var node in graph.Nodes)
            text.Append(graph.IsRoot(node.Name) ? "ROOT " : "")
                .Append(node.Name)
                .Append(": ")
                .AppendJoin(", ", Dependencies(graph, node, transitive))
                .Append('\n');
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    public static byte[] Dot(DependencyGraph graph, bool transitive)
    {
        var text = new StringBuilder(
            "digraph dependencies {\n  rankdir=LR;\n  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n"
        );
        foreach (var root in graph.Roots)
            text.Append("  ").Append(Quoted(root)).Append(" [style=\"rounded,bold\"];\n");
        foreach (var node in graph.Nodes)
        {
            foreach (var dependency in Dependencies(graph, node, transitive))
                text.Append("  ").Append(Quoted(node.Name)).Append(" -> ").Append(Quoted(dependency)).Append(";\n");
        }
        return Encoding.UTF8.GetBytes(text.Append("}\n").ToString());
    }

    public static byte[] Json(DependencyGraph graph, bool transitive)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("root", graph.Roots is [var only] ? only : null);
            json.WriteStartArray("roots");
            foreach (var root in graph.Roots)
                json.WriteStringValue(root);
            json.WriteEndArray();
            json.WriteStartArray("packages");
            foreach (var node in graph.Nodes)
            {
                json.WriteStartObject();
                json.WriteString("name", node.Name);
                json.WriteNumber("reverse_dependencies", graph.ReverseDependencies(node.Name));
                json.WriteStartArray("dependencies");
                foreach (var dependency in Dependencies(graph, node, transitive))
                    json.WriteStringValue(dependency);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    private static ImmutableArray<string> Dependencies(DependencyGraph graph, DependencyNode node, bool transitive) =>
        transitive ? graph.TransitiveDependencies(node.Name) : node.Dependencies;

    private static string Quoted(string name) =>
        $"\"{name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
