using System.Text;
using Builder.Analysis.Opam;

namespace Builder.Analysis.Tests.Opam;

public sealed class SwitchEditTests
{
    [Fact]
    public void Without_its_root_a_switch_has_what_the_root_depends_on()
    {
        var export = OpamFile.Parse(
            Encoding.UTF8.GetBytes(
                """
                opam-version: "2.0"
                roots: ["hello.1.0"]
                installed: ["base.2.0" "hello.1.0" "hello-lib.1.0"]
                package "base" { opam-version: "2.0" version: "2.0" }
                package "hello" { opam-version: "2.0" version: "1.0" depends: ["hello-lib"] }
                package "hello-lib" { opam-version: "2.0" version: "1.0" }
                """
            ),
            "opam-switch"
        );

        var rest = SwitchExport.Parse(SwitchEdit.Without(export, OpamText.FromUtf8("hello")), "rest");

        Assert.Empty(rest.Roots);
        Assert.Equal(["base.2.0", "hello-lib.1.0"], rest.Installed.Select(static package => package.ToString()));
        Assert.Equal(["base", "hello-lib"], rest.Packages.Keys.Select(static name => name.ToString()).Order(StringComparer.Ordinal));
    }
}
