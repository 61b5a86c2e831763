using System.Text;
using Builder.Analysis.Comparison;

namespace Builder.Analysis.Tests.Comparison;

public sealed class NamedVersionComparisonTests
{
    [Fact]
    public void Left_is_what_only_the_left_side_has()
    {
        var comparison = NamedVersionComparison.OfEnvironments(
            "OS=linux\nHOME=/tmp\nNEW=1=2\nSAME=x\n"u8,
            "OS=freebsd\r\nSAME=x\r\nNOVALUE"u8
        );
        Assert.Equal([new NamedVersion("HOME", "/tmp"), new NamedVersion("NEW", "1=2")], comparison.OnlyLeft);
        Assert.Equal([new NamedVersion("NOVALUE", "")], comparison.OnlyRight);
        Assert.Equal([new VersionChange("OS", "linux", "freebsd")], comparison.Changed);
        Assert.Equal(4, comparison.Count);
    }

    [Theory]
    [InlineData("libgmp-dev=2:6.2.1+dfsg1-1.1", "libgmp-dev", "2:6.2.1+dfsg1-1.1")]
    [InlineData("pkg-config-1.8.1", "pkg-config", "1.8.1")]
    [InlineData("pkgconf-2.3.0,1", "pkgconf", "2.3.0,1")]
    [InlineData("py311-setuptools-63.1.0_1", "py311-setuptools", "63.1.0_1")]
    [InlineData("font-name", "font", "name")]
    [InlineData("busybox-1.36.1-r2", "busybox", "1.36.1-r2")]
    [InlineData("bare", "bare", "")]
    [InlineData("-", "", "")]
    public void The_version_of_a_package_begins_at_the_last_dash_that_can_start_it(string line, string name, string version) =>
        Assert.Equal([new NamedVersion(name, version)], NamedVersionComparison.OfSystemPackages(Encoding.UTF8.GetBytes(line), []).OnlyLeft);

    [Fact]
    public void A_package_that_stands_twice_shows_both_versions() =>
        Assert.Equal(
            [new VersionChange("kernel", "5.1, 5.2", "5.2")],
            NamedVersionComparison.OfSystemPackages("kernel=5.1\nkernel=5.2"u8, "kernel=5.2"u8).Changed
        );

    [Fact]
    public void A_list_without_end_is_a_problem_said_plainly()
    {
        var comparison = NamedVersionComparison.OfEnvironments([], Encoding.ASCII.GetBytes(new string('\n', 100_001)));
        Assert.Equal("The right build lists more than 100000 entries.", comparison.Problem);
    }
}
