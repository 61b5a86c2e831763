using Builder.Analysis.Opam;
using Builder.Analysis.Packages;

namespace Builder.Analysis.Tests.Packages;

public sealed class PackageUrlTests
{
    /// <summary>From the tests of the specification (package-url/purl-spec, tests/types), and of packageurl 0.17.6.</summary>
    [Theory]
    [InlineData("pkg:opam/conex@1.0.0", "pkg:opam/conex@1.0.0")]
    [InlineData("pkg:opam/conex", "pkg:opam/conex")]
    [InlineData("pkg:opam/ANSITerminal@0.8.5", "pkg:opam/ANSITerminal@0.8.5")]
    [InlineData("PKG://OPAM//conex@1.0.0", "pkg:opam/conex@1.0.0")]
    [InlineData("pkg:deb/Debian/CURL@7.50.3-1?distro=jessie&arch=i386", "pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie")]
    [InlineData("pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64", "pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64")]
    [InlineData("pkg:deb/debian/attr@1:2.4.47-2+b1?arch=amd64", "pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64")]
    [InlineData("pkg:deb/debian/gcc@4:12.2.0-3%2Bb1~x", "pkg:deb/debian/gcc@4:12.2.0-3%2Bb1~x")]
    [InlineData(
        "pkg:generic/bitwarderl?vcs_url=git+https://git.fsfe.org/dxtr/bitwarderl@cc55108da32",
        "pkg:generic/bitwarderl?vcs_url=git%2Bhttps://git.fsfe.org/dxtr/bitwarderl%40cc55108da32"
    )]
    [InlineData(
        "pkg:generic/openssl@1.1.10g?download_url=https://openssl.org/openssl-1.1.0g.tar.gz&checksum=sha256:de4d501267da",
        "pkg:generic/openssl@1.1.10g?checksum=sha256:de4d501267da&download_url=https://openssl.org/openssl-1.1.0g.tar.gz"
    )]
    [InlineData("pkg:generic/libexample@0.5.2#/src/./../libexample.c/", "pkg:generic/libexample@0.5.2#src/libexample.c")]
    [InlineData("pkg:npm/%40angular/animation@12.3.1", "pkg:npm/%40angular/animation@12.3.1")]
    [InlineData("pkg:generic/\u00e9t\u00e9@1", "pkg:generic/%C3%A9t%C3%A9@1")]
    public void A_package_url_has_one_canonical_text(string written, string canonical)
    {
        Assert.True(PackageUrl.TryParse(written, out var read));
        Assert.Equal(canonical, read.ToString());
        Assert.True(PackageUrl.TryParse(canonical, out var again));
        Assert.Equal(read, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData("opam/conex")]
    [InlineData("EnterpriseLibrary.Common@6.0.1304")]
    [InlineData("pkg:EnterpriseLibrary.Common@6.0.1304")]
    [InlineData("pkg:n&g?inx/nginx@0.8.9")]
    [InlineData("pkg:3nginx/nginx@0.8.9")]
    [InlineData("pkg:nginx:a/nginx@0.8.9")]
    [InlineData("pkg%3Amaven/org.apache.commons/io")]
    [InlineData("pkg:maven/@1.3.4")]
    [InlineData("pkg:opam/")]
    [InlineData("pkg:npm/myartifact@1.0.0?in%20production=true")]
    [InlineData("pkg:npm/myartifact@1.0.0?a=1&A=2")]
    [InlineData("pkg:opam/dns@1.0%")]
    [InlineData("pkg:opam/dns@1.0%2")]
    [InlineData("pkg:opam/dns@1.0%zz")]
    [InlineData("pkg:opam/%ff@1.0")]
    [InlineData("pkg:opam/a%2Fb@1.0")]
    public void What_is_no_package_url_is_refused(string written) => Assert.False(PackageUrl.TryParse(written, out _));

    [Fact]
    public void A_text_longer_than_the_limit_is_refused()
    {
        var longest = "pkg:opam/" + new string('a', PackageUrl.MaxLength - 9);

        Assert.True(PackageUrl.TryParse(longest, out _));
        Assert.False(PackageUrl.TryParse(longest + "a", out _));
    }

    [Fact]
    public void Parts_are_decoded()
    {
        Assert.True(PackageUrl.TryParse("pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12", out var read));

        Assert.Equal(
            ("deb", "debian", "libstdc++6", "12.2.0-14+deb12u1", "amd64", "debian-12"),
            (read.Type, read.Namespace, read.Name, read.Version, read.Qualifiers["arch"], read.Qualifiers["distro"])
        );
        Assert.Equal(PackageUrl.Debian("debian", "libstdc++6", "12.2.0-14+deb12u1", "amd64", "debian-12"), read);
    }

    [Fact]
    public void Packages_of_a_switch_have_one_that_reads_back()
    {
        foreach (var package in Switches.Read("albatross-2026-08-22").Installed)
        {
            Assert.True(PackageUrl.TryParse(PackageUrl.Opam(package).ToString(), out var read));
            Assert.Equal((package.Name.ToString(), package.Version.ToString()), (read.Name, read.Version));
        }
        Assert.True(PackageId.TryParse(OpamText.FromUtf8("ocaml-base-compiler.5.3.0~beta1+x"), out var odd));
        Assert.Equal("pkg:opam/ocaml-base-compiler@5.3.0~beta1%2Bx", PackageUrl.Opam(odd).ToString());
    }

    [Fact]
    public void A_pin_says_where_the_source_is_from() =>
        Assert.Equal(
            "pkg:opam/dns@dev?vcs_url=git%2Bhttps://github.com/mirage/ocaml-dns.git%40cc55108da32",
            PackageUrl.Opam("dns", "dev").WithQualifier("vcs_url", "git+https://github.com/mirage/ocaml-dns.git@cc55108da32").ToString()
        );
}
