using System.Text;
using System.Text.Json.Nodes;
using Builder.Analysis.Comparison;
using Builder.Analysis.Opam;
using Builder.Testing;

namespace Builder.Analysis.Tests.Comparison;

public sealed class EffectiveFormTests
{
    public static TheoryData<string, bool, string, string> Cases { get; } =
        new(
            JsonNode
                .Parse(Vectors.ReadText("opam/effective/cases.json"))!
                .AsArray()
                .Where(test => test!["effectively_equal"] is not null)
                .Select(test => ((string)test!["case"]!, (bool)test["effectively_equal"]!, (string)test["left"]!, (string)test["right"]!))
        );

    [Theory]
    [MemberData(nameof(Cases))]
    public void Files_are_effectively_equal_where_the_reference_says_so(string name, bool expected, string left, string right)
    {
        Assert.NotEmpty(name);
        Assert.Equal(expected, EffectiveForm.AreEqual(Read(left), Read(right)));
        Assert.Equal(expected, EffectiveForm.AreEqual(Read(right), Read(left)));
    }

    [Theory]
    [InlineData("build: \"make\"", "build: [[\"make\"]]", true)]
    [InlineData("build: [\"make\"]", "build: [[\"make\"] {os = \"linux\"}]", false)]
    [InlineData("build-test: [\"make\" \"test\"]", "run-test: [\"make\" \"test\"]", true)]
    [InlineData("build-test: [\"a\"] run-test: [\"b\"]", "run-test: [[\"a\"] [\"b\"]]", true)]
    [InlineData("build-test: [\"a\"] run-test: [\"b\"]", "run-test: [[\"b\"] [\"a\"]]", false)]
    [InlineData("extra-files: []", "", true)]
    [InlineData("extra-files: [\"f\" \"md5=00000000000000000000000000000001\"]", "", false)]
    [InlineData("depends: \"a\"", "depends: [\"a\"]", true)]
    [InlineData("depends: [\"x\" & \"y\"]", "depends: [\"x\" \"y\"]", false)]
    [InlineData("depends: [\"x\" & (\"y\" & \"z\")]", "depends: [\"x\" & \"y\" & \"z\"]", false)]
    [InlineData("available: (os = \"linux\")", "available: [os = \"linux\"]", true)]
    [InlineData("build: [] install: []", "", true)]
    [InlineData("url { src: \"https://a\" }", "url { src: \"https://b\" }", false)]
    [InlineData("url { src: \"https://a\" mirrors: \"https://c\" }", "url { src: \"https://a\" }", true)]
    [InlineData("url { src: \"https://a\" }", "", false)]
    [InlineData(
        "url { src: \"https://a\" checksum: \"0000000000000000000000000000000a\" }",
        "url { checksum: [\"md5=0000000000000000000000000000000A\"] }",
        true
    )]
    [InlineData("x-env-path-rewrite: [[PATH false]]", "", false)]
    [InlineData("version: \"1.0\"", "version: \"1.00\"", false)]
    [InlineData("no-such-field: 1", "no-such-field: 2", true)]
    [InlineData("synopsis: \"a\" flags: conf", "description: \"b\"", true)]
    public void What_cannot_change_the_build_does_not_count(string left, string right, bool expected) =>
        Assert.Equal(expected, EffectiveForm.AreEqual(Read("opam-version: \"2.0\"\n" + left), Read("opam-version: \"2.0\"\n" + right)));

    private static OpamPackage Read(string text) => OpamPackage.Read(OpamFile.Parse(Encoding.UTF8.GetBytes(text), "opam"), "opam");
}
