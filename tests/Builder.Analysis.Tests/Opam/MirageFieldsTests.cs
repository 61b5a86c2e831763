using System.Text;
using Builder.Analysis.Opam;

namespace Builder.Analysis.Tests.Opam;

public sealed class MirageFieldsTests
{
    private const string Unikernel = """
        opam-version: "2.0"
        x-mirage-configure: ["sh" "-exc" "mirage configure -t hvt"]
        x-mirage-pre-build: [make "lock" "pull"]
        x-mirage-extra-repo: [["overlays" "https://x.org/o.git"] ["mirage" "https://x.org/m.git"]]
        x-mirage-opam-lock-location: "mirage/hello-hvt.opam.locked"
        x-opam-monorepo-duniverse-dirs: "old"
        url { src: "https://x.org/hello.tgz" }
        """;

    [Fact]
    public void A_unikernel_says_how_it_is_prepared()
    {
        var fields = MirageFields.Of(Package(Unikernel))!;

        Assert.Equal(["sh", "-exc", "mirage configure -t hvt"], fields.Configure);
        Assert.Equal(["make", "lock", "pull"], fields.PreBuild);
        Assert.Equal([("overlays", "https://x.org/o.git"), ("mirage", "https://x.org/m.git")], fields.ExtraRepositories);
        Assert.Equal("mirage/hello-hvt.opam.locked", fields.LockFile);
    }

    [Theory]
    [InlineData("x-mirage-configure: [\"mirage\"]")]
    [InlineData("x-mirage-configure: [\"mirage\"]\nx-mirage-pre-build: []")]
    [InlineData("x-mirage-configure: [\"mirage\"]\nx-mirage-pre-build: [other \"lock\"]")]
    [InlineData("build: [\"make\"]")]
    public void Without_both_commands_a_package_is_none(string fields) =>
        Assert.Null(MirageFields.Of(Package($"opam-version: \"2.0\"\n{fields}\n")));

    [Fact]
    public void A_field_takes_the_place_of_an_earlier_one_before_the_sections()
    {
        var items = MirageFields.With(
            Package(Unikernel).Items,
            new OpamItem.Field(MirageFields.Vendored, new OpamValue.Text(OpamText.FromUtf8("new")))
        );

        Assert.Equal(
            new OpamItem.Field(MirageFields.Vendored, new OpamValue.Text(OpamText.FromUtf8("new"))),
            Assert.Single(items.OfType<OpamItem.Field>(), static field => field.Name == MirageFields.Vendored)
        );
        Assert.IsType<OpamItem.Section>(items[^1]);
    }

    private static OpamPackage Package(string text) => OpamPackage.Read(OpamFile.Parse(Encoding.UTF8.GetBytes(text), "opam"), "opam");
}
