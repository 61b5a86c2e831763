using System.Text.Json;
using Builder.Analysis.Elf;

namespace Builder.Cli.Viz;

/// <summary>The numbers behind a treemap.</summary>
internal static class TreemapJson
{
    private const int Deepest = 60;

    public static byte[] Of(Dissection dissection) =>
        Write(json =>
        {
            json.WriteNumber("file_size", dissection.FileSize);
            json.WriteNumber("size", dissection.Root.Size);
            json.WriteNumber("unaccounted", dissection.SizeOf(kind => kind == DissectionKind.Unaccounted));
            json.WriteStartObject("top_level");
            foreach (var (name, size) in dissection.TopLevel())
                json.WriteNumber(name, size);
            json.WriteEndObject();
            json.WriteStartObject("units");
            foreach (var unit in dissection.Units)
            {
                json.WriteStartObject(unit.Name);
                json.WriteNumber("code", unit.Code);
                json.WriteNumber("data", unit.Data);
                json.WriteNumber("frametable", unit.Frametable);
                json.WriteNumber("total", unit.Total);
                json.WriteEndObject();
            }
            json.WriteEndObject();
            json.WriteStartArray("tree");
            foreach (var node in dissection.Root.Children)
                WriteNode(json, node, 1);
            json.WriteEndArray();
        });

    public static byte[] Of(DifferenceNode difference) => Write(json => WriteFields(json, difference, 0));

    private static void WriteNode(Utf8JsonWriter json, DissectionNode node, int depth)
    {
        json.WriteStartObject();
        json.WriteString("name", node.Name);
        json.WriteString("kind", KindName(node.Kind));
        json.WriteNumber("size", node.Size);
        if (node.Children.Count > 0 && depth < Deepest)
        {
            json.WriteStartArray("children");
            foreach (var child in node.Children)
                WriteNode(json, child, depth + 1);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void WriteFields(Utf8JsonWriter json, DifferenceNode node, int depth)
    {
        json.WriteString("name", node.Name);
        json.WriteString("kind", KindName(node.Kind));
        json.WriteString("status", StatusName(node.Status));
        json.WriteNumber("before", node.Before);
        json.WriteNumber("after", node.After);
        json.WriteNumber("change", node.Change);
        if (node.Children.Count == 0 || depth >= Deepest)
            return;
        json.WriteStartArray("children");
        foreach (var child in node.Children)
        {
            json.WriteStartObject();
            WriteFields(json, child, depth + 1);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static string StatusName(DifferenceStatus status) =>
        status switch
        {
            DifferenceStatus.Came => "came",
            DifferenceStatus.Grew => "grew",
            DifferenceStatus.Shrank => "shrank",
            DifferenceStatus.Went => "went",
            _ => "same_size",
        };

    private static string KindName(DissectionKind kind) =>
        kind switch
        {
            DissectionKind.OCaml => "ocaml",
            DissectionKind.OCamlCode => "ocaml_code",
            DissectionKind.OCamlData => "ocaml_data",
            DissectionKind.OCamlFrametable => "ocaml_frametable",
            DissectionKind.C => "c",
            DissectionKind.Cpp => "cpp",
            DissectionKind.Rust => "rust",
            DissectionKind.Go => "go",
            DissectionKind.Contents => "contents",
            DissectionKind.Linking => "linking",
            DissectionKind.Debug => "debug",
            DissectionKind.Names => "names",
            DissectionKind.Padding => "padding",
            DissectionKind.Unaccounted => "unaccounted",
            _ => "file",
        };

    private static byte[] Write(Action<Utf8JsonWriter> writeFields)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            writeFields(json);
            json.WriteEndObject();
        }
        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }
}
