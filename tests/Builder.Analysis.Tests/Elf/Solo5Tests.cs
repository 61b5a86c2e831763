using System.Text.Json.Nodes;
using Builder.Analysis.Elf;
using Builder.Testing;

namespace Builder.Analysis.Tests.Elf;

public sealed class Solo5Tests
{
    public static TheoryData<string> Files() => [.. Manifest().Select(entry => entry!["file"]!.GetValue<string>())];

    [Theory]
    [MemberData(nameof(Files))]
    public void Answers_as_the_manifest_of_the_vectors_says(string name)
    {
        var expected = Manifest().Single(entry => entry!["file"]!.GetValue<string>() == name)!;

        using var stream = Vectors.Open($"elf/{name}");
        var isUnikernel = Solo5.TryRead(stream, out var solo5, out var reason);

        switch (expected["ours"]!.GetValue<string>())
        {
            case "accept":
                Assert.True(isUnikernel, reason);
                break;
            case "not a unikernel":
                Assert.False(isUnikernel);
                Assert.NotEmpty(reason!);
                break;
        }
        if (isUnikernel)
        {
            Assert.True(JsonNode.DeepEquals(expected["abi"], JsonNode.Parse(solo5!.AbiJson())), solo5.AbiJson());
            Assert.True(JsonNode.DeepEquals(expected["manifest"], JsonNode.Parse(solo5.ManifestJson())), solo5.ManifestJson());
        }
    }

    [Theory]
    [InlineData("bad-abi-owner.hvt", "the note .note.solo5.abi has the owner \"Solo6\" and the type 0x31494241")]
    [InlineData("bad-abi-target-7.hvt", "Solo5 target 7 is unknown")]
    [InlineData("bad-mft-entries-65.hvt", "the Solo5 manifest says 65 entries in 324 bytes")]
    [InlineData("bad-magic.hvt", "not an ELF file")]
    [InlineData("bad-cut-63.hvt", "63 bytes are too few for an ELF header")]
    public void Says_why_a_file_is_no_unikernel(string name, string expected)
    {
        using var stream = Vectors.Open($"elf/{name}");

        Assert.False(Solo5.TryRead(stream, out _, out var reason));

        Assert.Equal(expected, reason);
    }

    private static JsonArray Manifest() => JsonNode.Parse(Vectors.ReadText("elf/manifest.json"))!.AsArray();
}
