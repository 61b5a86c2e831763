using System.Collections.Immutable;
using System.Text;
using Builder.Analysis.Opam;

namespace Builder.Analysis.Tests.Opam;

public sealed class InstallRecordTests
{
    [Fact]
    public void What_was_added_has_its_kind_and_its_digest()
    {
        var files = Parse(
            """
            opam-version: "2.0"
            added: [
              "bin/hello" {"F:9b8a80d5682ecfbef54453fef9d5db7c"}
              "lib/hello" {"D"}
              "lib/latest" {"L:hello"}
              "run/pipe" {"X"}
            ]
            """
        );

        Assert.Equal(
            [
                new InstalledFile("bin/hello", InstalledFileKind.File, "9b8a80d5682ecfbef54453fef9d5db7c"),
                new InstalledFile("lib/hello", InstalledFileKind.Directory, ""),
                new InstalledFile("lib/latest", InstalledFileKind.Link, "hello"),
                new InstalledFile("run/pipe", InstalledFileKind.Other, ""),
            ],
            files
        );
    }

    [Fact]
    public void One_file_stands_without_brackets_and_none_without_a_field()
    {
        Assert.Equal("bin/x", Assert.Single(Parse("opam-version: \"2.0\"\nadded: \"bin/x\" {\"F:00\"}\n")).Path);
        Assert.Empty(Parse("opam-version: \"2.0\"\n"));
    }

    [Theory]
    [InlineData("added: \"bin/x\"")]
    [InlineData("added: [1 2]")]
    [InlineData("added: \"bin/x\" {a = \"b\"}")]
    [InlineData("added: [")]
    public void Anything_else_is_refused(string text) => Assert.Throws<OpamSyntaxException>(() => Parse(text));

    private static ImmutableArray<InstalledFile> Parse(string text) => InstallRecord.Parse(Encoding.UTF8.GetBytes(text), "hello.changes");
}
