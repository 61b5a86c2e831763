using System.Diagnostics;
using Builder.Analysis.Advisories;
using Builder.Testing;

namespace Builder.Analysis.Tests.Advisories;

public sealed class EcosystemVersionTests
{
    private static readonly string[] Debian =
    [
        "0",
        "1",
        "1.0",
        "1.00",
        "1.0~",
        "1.0~~",
        "1.0~rc1-1",
        "1.0-1",
        "1.0-1+b1",
        "1.0-1~deb12u1",
        "1.0+dfsg-1",
        "1.0a",
        "1.0-1.1",
        "1:0.5",
        "0:1.0",
        "2:6.2.1+dfsg1-1.1",
        "2:6.2.1+dfsg1-1.1+b1",
        "10:0",
        "1.0-2-3",
        "2.36-9+deb12u14",
        "2.36-9+deb12u9",
    ];

    [Fact]
    public async Task Versions_of_Debian_order_as_dpkg_orders_them()
    {
        Requirement.Programs("dpkg");
        foreach (var left in Debian)
        {
            foreach (var right in Debian.Where(right => string.CompareOrdinal(left, right) < 0))
            {
                var order = Math.Sign(EcosystemVersion.Compare(Ecosystem.Debian, left, right));
                var sign = order switch
                {
                    < 0 => "lt",
                    0 => "eq",
                    _ => "gt",
                };
                using var dpkg = Process.Start("dpkg", ["--compare-versions", left, sign, right]);
                await dpkg.WaitForExitAsync(TestContext.Current.CancellationToken);
                Assert.True(dpkg.ExitCode == 0, $"{left} {sign} {right}");
                Assert.Equal(-order, Math.Sign(EcosystemVersion.Compare(Ecosystem.Debian, right, left)));
            }
        }
    }

    // By the rules that pkg-version(8) and libpkg/pkg_version.c state.
    [Theory]
    [InlineData("2", "1", 1)]
    [InlineData("1.0", "1.0", 0)]
    [InlineData("1.0.", "1.0", 0)]
    [InlineData("2.0", "1.2", 1)]
    [InlineData("2.0", "10.0", -1)]
    [InlineData("1.0_1", "1.0", 1)]
    [InlineData("1.0_2", "1.0_10", -1)]
    [InlineData("1.0,1", "2.0", 1)]
    [InlineData("1.0a", "1.0", 1)]
    [InlineData("1.0a", "1.0b", -1)]
    [InlineData("1.0rc1", "1.0", -1)]
    [InlineData("1.0alpha1", "1.0beta1", -1)]
    [InlineData("1.0.b1", "1.0", -1)]
    [InlineData("1.0p1", "1.0", 1)]
    [InlineData("1.0+2003.09.06", "1.0", 1)]
    [InlineData("1.0+2003.09.06", "1.0+2003.09.07", -1)]
    [InlineData("99999999999999999999", "1", 1)]
    public void Versions_of_FreeBSD_order_as_pkg_orders_them(string left, string right, int order)
    {
        Assert.Equal(order, Math.Sign(EcosystemVersion.Compare(Ecosystem.FreeBsd, left, right)));
        Assert.Equal(-order, Math.Sign(EcosystemVersion.Compare(Ecosystem.FreeBsd, right, left)));
    }

    // semver.org, 11: 1.0.0-alpha < 1.0.0-alpha.1 < … < 1.0.0.
    [Fact]
    public void Semantic_versions_order_as_their_definition_lists_them()
    {
        string[] ordered =
        [
            "0.0.0-0",
            "0.9.9",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.0.10",
            "1.10.0",
            "2.0.0",
            "100.0.0",
        ];
        for (var index = 1; index < ordered.Length; index++)
        {
            Assert.True(EcosystemVersion.Compare(Ecosystem.Cargo, ordered[index - 1], ordered[index]) < 0, ordered[index]);
            Assert.True(EcosystemVersion.Compare(Ecosystem.Go, $"v{ordered[index]}", ordered[index - 1]) > 0, ordered[index]);
        }
        Assert.Equal(0, EcosystemVersion.Compare(Ecosystem.Cargo, "1.2.3+build", "1.2.3"));
    }

    [Theory]
    [InlineData("go1.21rc2", "1.21.0-rc.2")]
    [InlineData("go1.22.1", "1.22.1")]
    [InlineData("go1.22.1 X:nocoverageredesign", "1.22.1")]
    [InlineData("v1.2.3", "1.2.3")]
    [InlineData("v0.0.0-20230101000000-abcdef123456", "0.0.0-20230101000000-abcdef123456")]
    public void Versions_of_Go_read_as_its_vulnerability_database_writes_them(string version, string expected) =>
        Assert.Equal(expected, GoVersion.Normalize(version));
}
