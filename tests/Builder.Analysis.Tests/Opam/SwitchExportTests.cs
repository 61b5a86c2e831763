using System.Text;
using Builder.Analysis.Opam;

namespace Builder.Analysis.Tests.Opam;

public sealed class SwitchExportTests
{
    [Fact]
    public void Pinned_and_compiler_packages_and_lists_of_one_without_brackets_are_read()
    {
        var export = Switches.Of(
            """
            compiler: "ocaml.5.2.1"
            roots: ["a.1.0-x"]
            installed: ["b.2" "a.1.0-x" "B.1" "b.2"]
            pinned: "b.2"
            """
        );
        Assert.Equal(["a.1.0-x"], Names(export.Roots));
        Assert.Equal(["a.1.0-x", "B.1", "b.2"], Names(export.Installed));
        Assert.Equal(["b.2"], Names(export.Pinned));
        Assert.Equal(["ocaml.5.2.1"], Names(export.Compiler));
        Assert.Empty(export.Problems);
    }

    [Fact]
    public void What_cannot_be_read_is_dropped_and_said()
    {
        var export = Switches.Of(
            """
            roots: ["1.1"]
            installed: ["a.1"]
            nonsense { }
            package "a" { depends: 3 no-such: "b" x-mine: 3 synopsis: "s" }
            """
        );
        Assert.Empty(export.Roots);
        Assert.Empty(export.Packages[OpamText.FromUtf8("a")].Depends);
        Assert.Equal(
            [
                "Field 'roots' cannot be read: a list of \"NAME.VERSION\" was expected.",
                "Section 'nonsense' does not belong into a switch export.",
                "Package a: Field 'depends' cannot be read: a formula over package names was expected.",
                "Package a: Field 'no-such' is not known to opam.",
            ],
            export.Problems
        );
    }

    [Fact]
    public void A_format_of_the_future_is_refused()
    {
        Assert.False(SwitchExport.TryParse(Encoding.UTF8.GetBytes("opam-version: \"9.9\"\nfoo @ bar"), "s", out _, out var error));
        Assert.Equal("s:1:1: opam-version 2.1 or older was expected, not 9.9", error.Message);
    }

    [Fact]
    public void An_opam_file_needs_its_version()
    {
        Assert.False(OpamPackage.TryRead(OpamFileTests.Read("opam/files/edge-noversion.opam"), "f", out _, out var error));
        Assert.Equal("f:1:1: opam-version was expected", error.Message);
    }

    [Theory]
    [InlineData("package \"a\" { synopsis: \" s \" description: \"\"\"\\\nd\n\"\"\" }", "Packages", "s", "d")]
    [InlineData("package \"a\" { x-mirage-opam-lock-location: \"m/a.opam.locked\" }", "Unikernels", null, null)]
    [InlineData(
        "package \"a\" { x-mirage-opam-lock-location: \"l\" depends: [\"b\" & \"mirage-monitoring\" {>= \"1\"}] }",
        SwitchSummary.UnikernelsWithMetrics,
        null,
        null
    )]
    [InlineData("", "Packages", null, null)]
    public void Section_and_synopsis_are_those_of_the_root(string package, string section, string? synopsis, string? description) =>
        Assert.Equal(
            new SwitchSummary(section, synopsis, description),
            SwitchSummary.Of(Switches.Of("roots: \"a.1\" installed: \"a.1\" " + package))
        );

    [Fact]
    public void Metrics_and_names_of_unikernels_count()
    {
        Assert.Equal("Unikernels", SwitchSummary.Of(Switches.Of("roots: \"mirage-unikernel-x.1\"")).Section);
        Assert.Equal(
            SwitchSummary.UnikernelsWithMetrics,
            SwitchSummary.Of(Switches.Of("roots: \"mirage-unikernel-x.1\" installed: [\"metrics-influx.1\"]")).Section
        );
        Assert.Equal(new SwitchSummary(null, null, null), SwitchSummary.Of(Switches.Read("albatross-two-roots")));
        Assert.Equal("Packages", SwitchSummary.Of(Switches.Read("albatross-2026-08-22")).Section);
    }

    private static IEnumerable<string> Names(IEnumerable<PackageId> packages) => packages.Select(package => package.ToString());
}
