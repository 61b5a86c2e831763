using System.Globalization;
using Builder.Protocol.Values;
using Builder.Publishing.Archives;
using Builder.Publishing.Packages;

namespace Builder.Publishing.Tests;

public sealed class PublishedVersionTests
{
    private static readonly string Hash = new('a', 64);
    private static readonly Timestamp Started = Timestamp.From(
        DateTimeOffset.Parse("2026-03-04T05:06:07.890+02:00", CultureInfo.InvariantCulture)
    );

    [Theory]
    [InlineData("1.2.3", "1.2.3-0-g0000000-20260304030607-")]
    [InlineData("0.10.200-17-g0a1b2c3", "0.10.200-17-g0a1b2c3-20260304030607-")]
    public void A_debian_version_gets_build_time_and_hash(string own, string expected) =>
        Assert.Equal(expected + Hash, PublishedVersion.Derive(own, Started, Hash, PublishedVersion.DebianSeparator));

    [Theory]
    [InlineData("1.2.3", "1.2.3.0.g0000000.20260304030607.")]
    [InlineData("1.2.3-4-g0a1b2c3", "1.2.3.4.g0a1b2c3.20260304030607.")]
    [InlineData("1.2.3.4.g0a1b2c3", "1.2.3.4.g0a1b2c3.20260304030607.")]
    public void A_freebsd_version_has_dots(string own, string expected) =>
        Assert.Equal(expected + Hash, PublishedVersion.Derive(own, Started, Hash, PublishedVersion.FreeBsdSeparator));

    [Theory]
    [InlineData("1.2")]
    [InlineData("1.2.3.4")]
    [InlineData("1.2.3-4")]
    [InlineData("1.2.3-g0a1b2c3")]
    [InlineData("1:1.2.3")]
    [InlineData("1.2.3~rc1")]
    [InlineData("v1.2.3")]
    [InlineData("1.2.3\n")]
    [InlineData("1.2.3-1-gXYZ")]
    [InlineData("1.2.3.4.g0a1b2c3")]
    [InlineData("../../../1.2.3")]
    public void Any_other_debian_version_is_refused_by_name(string own)
    {
        var exception = Assert.Throws<PackageException>(() =>
            PublishedVersion.Derive(own, Started, Hash, PublishedVersion.DebianSeparator)
        );
        Assert.Contains(own, exception.Message, StringComparison.Ordinal);
        Assert.Contains("X.Y.Z-N-gHASH", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dpkg_takes_a_newer_build_for_a_newer_version()
    {
        var older = PublishedVersion.Derive("1.2.3", Started, new string('f', 64), PublishedVersion.DebianSeparator);
        var newer = PublishedVersion.Derive(
            "1.2.3",
            Started + TimeSpan.FromSeconds(1),
            new string('0', 64),
            PublishedVersion.DebianSeparator
        );
        var release = PublishedVersion.Derive("1.2.3-2-gabcdef0", Started, new string('0', 64), PublishedVersion.DebianSeparator);

        await Tools.SucceedAsync("dpkg", ["--compare-versions", older, "lt", newer]);
        await Tools.SucceedAsync("dpkg", ["--compare-versions", newer, "lt", release]);
    }

    [Fact]
    public void A_published_version_comes_apart_again()
    {
        var version = PublishedVersion.Derive("1.2.3", Started, Hash, PublishedVersion.FreeBsdSeparator);

        Assert.True(PublishedVersion.TryParse(version, out var buildTime, out var sha256));
        Assert.Equal("20260304030607", buildTime);
        Assert.Equal(Hash, sha256);
        Assert.False(PublishedVersion.TryParse("1.2.3", out _, out _));
    }
}
