using System.Text;
using Builder.Analysis.Advisories;
using Builder.Testing;

namespace Builder.Analysis.Tests.Advisories;

public sealed class PackageSetTests
{
    [Fact]
    public void A_unikernel_contains_what_is_installed_its_compiler_and_what_is_vendored()
    {
        var packages = Samples.Switch("unikernel-2024-10-01").Packages;

        Contains("dns-primary-git", "0.0.1", PackageWay.Root);
        Contains("ocaml", "4.13.1", PackageWay.Dependency);
        Contains("arp", "3.1.1", PackageWay.Vendored);
        Contains("tls", "1.0.2", PackageWay.Vendored);
        Contains("mirage-crypto-ec", "1.1.0", PackageWay.Vendored);
        Contains("dns-client-mirage", packages.Single(package => package.Name == "dns").Version, PackageWay.Vendored);
        Contains("git-paf", "3.17.0", PackageWay.Vendored);
        Contains("zarith", "1.14", PackageWay.Vendored);
        Contains("hpack", packages.Single(package => package.Name == "h2").Version, PackageWay.Vendored);
        Assert.DoesNotContain(packages, package => package.Name is "ocaml-tls" or "release" or "conf-gmp");
        Assert.DoesNotContain(packages, package => package.Version is null);

        void Contains(string name, string? version, PackageWay way) =>
            Assert.Contains(new ContainedPackage(Ecosystem.Opam, name, version, way), packages);
    }

    [Fact]
    public void The_root_of_a_job_is_no_package()
    {
        var text = Encoding.UTF8.GetBytes($"gcc=12.2\nbuilder-root:tree=sha256:{new string('1', 64)}\n");

        Assert.True(SystemPackages.IsOne(text));
        Assert.Equal(["gcc"], SystemPackages.Of(text).Packages.Select(package => package.Name));
    }

    [Theory]
    [InlineData("https://github.com/mirage/arp/releases/download/v3.1.1/arp-3.1.1.tbz", "arp", "arp 3.1.1")]
    [InlineData("https://github.com/mirleft/ocaml-tls/releases/download/v2.1.2/tls-2.1.2.tbz", "ocaml-tls", "tls 2.1.2")]
    [InlineData("https://github.com/ocaml-community/cppo/archive/v1.8.0.tar.gz", "cppo", "cppo 1.8.0")]
    [InlineData("https://github.com/ocaml/Zarith/archive/release-1.14.tar.gz", "zarith", "zarith 1.14")]
    [InlineData("https://github.com/ocsigen/lwt/archive/refs/tags/6.1.2.tar.gz", "lwt", "lwt 6.1.2")]
    [InlineData("https://github.com/janestreet/base/archive/refs/tags/v0.17.1.tar.gz", "base", "base v0.17.1")]
    [InlineData("git+https://github.com/mirage/arp.git#v4.0.0", "arp", "arp 4.0.0")]
    [InlineData("git+https://github.com/mirage/arp.git#3f5a3d1d2b1c0f9e8d7c6b5a493827160594837a", "arp", "arp ")]
    [InlineData("https://example.org/x.tar.gz", "arp", "arp |x ")]
    public void Without_a_list_of_packages_a_vendored_directory_is_one(string url, string directory, string expected)
    {
        var export = Switches.Of(
            $"roots: [\"r.1\"] installed: [\"r.1\"] package \"r\" {{ version: \"1\" x-opam-monorepo-duniverse-dirs: [[\"{url}\" \"{directory}\"]] }}"
        );

        var vendored = SwitchPackages.Of(export).Packages.Where(package => package.Way == PackageWay.Vendored);

        Assert.Equal(expected, string.Join('|', vendored.Select(package => $"{package.Name} {package.Version}")));
    }

    [Fact]
    public void A_lock_file_says_the_versions_of_what_it_vendors()
    {
        var export = Switches.Of(
            """
            roots: ["r.1"] installed: ["r.1"]
            package "r" { version: "1" depends: [ "arp" {= "3.0.0" & ?vendor} "dune" {= "3.1"} ]
            x-opam-monorepo-duniverse-dirs: [["git+https://example.org/arp.git#3f5a3d1d2b1c0f9e8d7c6b5a493827160594837a" "arp"]] }
            """
        );

        Assert.Equal(["arp 3.0.0", "r 1"], SwitchPackages.Of(export).Packages.Select(package => $"{package.Name} {package.Version}"));
    }

    [Fact]
    public void What_cannot_be_read_is_a_problem_and_not_an_empty_set()
    {
        Assert.NotEmpty(SwitchPackages.Of(Switches.Of("installed: [3]")).Problems);
        Assert.NotEmpty(
            SwitchPackages
                .Of(Switches.Of("roots: [\"r.1\"] package \"r\" { version: \"1\" x-opam-monorepo-duniverse-dirs: [[1 \"arp\"]] }"))
                .Problems
        );
        Assert.Empty(SwitchPackages.Of(Switches.Of("installed: []")).Problems);
    }

    [Fact]
    public void System_packages_of_Debian_have_an_equals_sign_and_those_of_FreeBSD_a_dash()
    {
        var packages = SystemPackages.Of("libgmp10:amd64=2:6.2.1+dfsg1-1.1\npkg-config=1.8.1-1\npkgconf-1.8.1,1\n"u8).Packages;

        Assert.Equal(
            [
                (Ecosystem.Debian, "libgmp10", "2:6.2.1+dfsg1-1.1"),
                (Ecosystem.Debian, "pkg-config", "1.8.1-1"),
                (Ecosystem.FreeBsd, "pkgconf", "1.8.1,1"),
            ],
            packages.Select(package => (package.Ecosystem, package.Name, package.Version!))
        );
        Assert.True(SystemPackages.IsOne("libgmp10=2:6.2.1+dfsg1-1.1\n"u8));
        Assert.False(SystemPackages.IsOne("hello world 1\n"u8));
        Assert.False(SystemPackages.IsOne(""u8));
    }

    [Theory]
    [InlineData(Ecosystem.Opam, "tls", "1.0.4", "pkg:opam/tls@1.0.4")]
    [InlineData(Ecosystem.Debian, "gcc", "4:12.2.0-3+b1~x", "pkg:deb/debian/gcc@4:12.2.0-3%2Bb1~x")]
    [InlineData(Ecosystem.Go, "golang.org/x/net", "0.1.0", "pkg:golang/golang.org/x/net@0.1.0")]
    [InlineData(Ecosystem.Cargo, "serde", null, "pkg:cargo/serde")]
    public void A_package_has_a_name_outside(Ecosystem ecosystem, string name, string? version, string expected) =>
        Assert.Equal(expected, new ContainedPackage(ecosystem, name, version, PackageWay.Linked).Url.ToString());

    [Fact]
    public void Affected_modules_are_found_by_the_units_that_are_linked()
    {
        var modules = LinkedUnits.Of(Elf.Samples.Elf(Elf.Samples.SampleABytes), out var reason);

        Assert.Null(reason);
        Assert.True(modules.Contains(["Bigarray.reshape", "caml_ba_reshape"]));
        Assert.True(modules.Contains(["Stdlib.Bigarray.reshape"]));
        Assert.False(modules.Contains(["Stdlib.Domain.spawn"]));
        Assert.False(modules.Contains(["Mirage_crypto_ec.P256.Dh.share"]));
        Assert.Null(modules.Contains(["caml_ba_reshape"]));
        Assert.Null(modules.Contains([]));
        Assert.Null(LinkedUnits.Of([]).Contains(["Bigarray.reshape"]));
    }

    [Theory]
    [InlineData("Stdlib__Bigarray", "Bigarray.reshape", true)]
    [InlineData("Stdlib__List", "Bigarray.reshape", false)]
    [InlineData("Cohttp__Path", "Cohttp.Path.resolve_local_file", true)]
    [InlineData("Cohttp__Header", "Cohttp.Path.resolve_local_file", null)]
    [InlineData("Cohttp_lwt", "Cohttp_lwt.Make().resolve_local_file", true)]
    public void An_alias_leads_to_the_unit_that_the_compiler_made_of_it(string unit, string binding, bool? expected) =>
        Assert.Equal(expected, LinkedUnits.Of([unit, "Std_exit"]).Contains([binding]));

    [Fact]
    public void A_Go_program_names_its_modules()
    {
        var files = Vectors.Files("elf/go").ToList();
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            if (!Builder.Analysis.Elf.ElfFile.TryRead(Builder.Analysis.Elf.ByteSource.Of(Vectors.Read(file)), out var elf, out _))
                continue;
            if (GoBuildInfo.Read(elf) is { } set)
                Assert.All(set.Packages, package => Assert.NotEmpty(Encoding.UTF8.GetBytes(package.Name)));
        }
    }
}
