using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Builder.Analysis.Opam;
using Builder.Testing;

namespace Builder.Analysis.Tests.Opam;

public sealed class OpamFileTests
{
    public static TheoryData<string> Trees { get; } = new(Vectors.Files("opam/files", "*.tree.json"));

    public static TheoryData<string> Prints { get; } = new(Vectors.Files("opam/files", "*.print.txt"));

    public static TheoryData<string> WithoutAnswer { get; } =
        new(Vectors.Files("opam/files", "*.opam").Where(file => !Path.GetFileName(file).StartsWith("bad-", StringComparison.Ordinal)));

    [Theory]
    [MemberData(nameof(Trees))]
    public void The_tree_is_the_references(string answer)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
            OpamTreeJson.Write(json, Read(answer.Replace(".tree.json", ".opam", StringComparison.Ordinal)));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Vectors.ReadText(answer)), JsonNode.Parse(stream.ToArray())));
    }

    [Theory]
    [MemberData(nameof(Prints))]
    public void The_printed_form_is_the_references_byte_for_byte(string answer) =>
        Assert.Equal(Vectors.ReadText(answer), Print(Read(answer.Replace(".print.txt", ".opam", StringComparison.Ordinal))));

    [Theory]
    [MemberData(nameof(WithoutAnswer))]
    public void What_is_printed_reads_back_as_the_same_tree_and_prints_the_same(string path)
    {
        var file = Read(path);
        var printed = Print(file);
        var again = OpamFile.Parse(Encoding.Latin1.GetBytes(Print(file, Encoding.Latin1)), path);
        Assert.Equal(file, again);
        Assert.Equal(printed, Print(again));
    }

    internal static OpamFile Read(string path) => OpamFile.Parse(Vectors.Read(path), Path.GetFileName(path));

    internal static string Print(OpamFile file, Encoding? encoding = null)
    {
        var output = new ArrayBufferWriter<byte>();
        OpamPrinter.Print(file.Items.AsSpan(), output);
        return (encoding ?? Encoding.UTF8).GetString(output.WrittenSpan);
    }
}
