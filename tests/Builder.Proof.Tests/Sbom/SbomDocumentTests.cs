using System.Text.Json;
using Builder.Analysis.Elf;
using Builder.Analysis.Packages;
using Builder.Proof.Sbom;
using Builder.Testing;

namespace Builder.Proof.Tests.Sbom;

public sealed class SbomDocumentTests
{
    private const string Program = "opam/switches/albatross-2026-08-22.opam-switch";
    private const string Unikernel = "opam/switches/unikernel-2026-08-22.opam-switch";

    [Fact]
    public void The_same_build_gives_the_same_bytes()
    {
        foreach (var file in SampleBuilds.Switches)
        {
            var (first, second) = (SbomDocument.Of(SampleBuilds.Of(file)), SbomDocument.Of(SampleBuilds.Of(file)));
            Assert.Equal(first.ToCycloneDx(), second.ToCycloneDx());
            Assert.Equal(first.ToSpdx(), second.ToSpdx());
        }
    }

    [Fact]
    public void Another_build_has_another_serial_number()
    {
        var other = SampleBuilds.Build with { Uuid = Guid.Parse("9c9ce7c4-fb30-4ae8-b945-44a02f1f729a") };

        Assert.NotEqual(
            CycloneDx(SampleBuilds.Build).GetProperty("serialNumber").GetString(),
            CycloneDx(other).GetProperty("serialNumber").GetString()
        );
    }

    [Fact]
    public void The_main_binary_is_the_root_with_its_hash_and_devices()
    {
        var build = SampleBuilds.Of(Unikernel) with
        {
            Unikernel = new Solo5(Solo5Target.Hvt, 1, 1, [new Solo5Device("service", Solo5DeviceType.NetBasic)]),
        };
        var main = CycloneDx(build).GetProperty("metadata").GetProperty("component");

        Assert.Equal("firmware", main.GetProperty("type").GetString());
        Assert.Equal("dns-primary-git.hvt", main.GetProperty("name").GetString());
        Assert.Equal("0.0.1", main.GetProperty("version").GetString());
        Assert.Equal(build.Main.Hash.ToString(), main.GetProperty("hashes")[0].GetProperty("content").GetString());
        Assert.Equal("hvt", Property(main, "builder:solo5:target"));
        Assert.Equal("NET_BASIC service", Property(main, "builder:solo5:device"));
    }

    [Fact]
    public void An_opam_package_has_purl_licence_source_and_digests()
    {
        var dns = Component(CycloneDx(SampleBuilds.Of(Program)), "angstrom");

        Assert.Equal("pkg:opam/angstrom@0.16.1", dns.GetProperty("purl").GetString());
        Assert.Equal("required", dns.GetProperty("scope").GetString());
        // The opam file says "BSD-3-clause".
        Assert.Equal("BSD-3-Clause", dns.GetProperty("licenses")[0].GetProperty("license").GetProperty("id").GetString());
        var source = dns.GetProperty("externalReferences")[0];
        Assert.Equal("source-distribution", source.GetProperty("type").GetString());
        Assert.Equal("https://github.com/inhabitedtype/angstrom/archive/0.16.1.tar.gz", source.GetProperty("url").GetString());
        Assert.Equal(
            ["MD5", "SHA-256"],
            source.GetProperty("hashes").EnumerateArray().Select(hash => hash.GetProperty("alg").GetString()).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void The_dependency_graph_is_that_of_the_switch()
    {
        var document = CycloneDx(SampleBuilds.Of(Program));
        foreach (var line in Vectors.ReadText("opam/graph/albatross-2026-08-22.text").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, dependencies) = (
                line.Split(": ")[0].Replace("ROOT ", "", StringComparison.Ordinal),
                line.Split(": ") is [_, var rest] ? rest.Split(", ", StringSplitOptions.RemoveEmptyEntries) : []
            );
            var reference = name == "albatross" ? "main-binary" : Component(document, name).GetProperty("bom-ref").GetString();
            var entry = document
                .GetProperty("dependencies")
                .EnumerateArray()
                .Single(entry => entry.GetProperty("ref").GetString() == reference);
            var found = entry.TryGetProperty("dependsOn", out var list)
                ? list.EnumerateArray().Select(one => NameOf(document, one.GetString()!))
                : [];
            Assert.Equal(dependencies.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Vendored_sources_are_components_with_the_version_of_their_file()
    {
        var document = CycloneDx(SampleBuilds.Of(Unikernel));
        var dns = ByReference(document, "duniverse:ocaml-dns");

        Assert.Equal("pkg:opam/dns@10.2.5", dns.GetProperty("purl").GetString());
        Assert.Equal("source URL", Property(dns, "builder:version-from"));
        Assert.Equal("required", dns.GetProperty("scope").GetString());
        Assert.Equal("pkg:opam/zarith@1.14", ByReference(document, "duniverse:Zarith").GetProperty("purl").GetString());
        // The tool that configures a unikernel is not in it.
        Assert.Equal("excluded", Component(document, "opam-monorepo").GetProperty("scope").GetString());
    }

    [Fact]
    public void Compiler_and_system_packages_are_build_tools()
    {
        var document = CycloneDx(SampleBuilds.Of(Program));

        Assert.Equal("excluded", Component(document, "ocaml-base-compiler").GetProperty("scope").GetString());
        var gcc = Component(document, "gcc");
        Assert.Equal("excluded", gcc.GetProperty("scope").GetString());
        Assert.Equal("pkg:deb/debian/gcc@4:12.2.0-3%2Bb1?distro=debian-12", gcc.GetProperty("purl").GetString());
        Assert.Equal(
            "pkg:deb/debian/libc6@2.36-9%2Bdeb12u10?arch=amd64&distro=debian-12",
            Component(document, "libc6").GetProperty("purl").GetString()
        );
    }

    [Fact]
    public void Modules_that_are_linked_mark_their_package()
    {
        var linked = LinkedModules.Of([
            new OCamlUnit("Angstrom", 1, 1, 1),
            new OCamlUnit("Stdlib__List", 1, 1, 1),
            new OCamlUnit("startup", 1, 1, 1),
        ]);
        var document = CycloneDx(SampleBuilds.Of(Program) with { Linked = linked });

        Assert.Equal("Angstrom", Property(Component(document, "angstrom"), "builder:linked-modules"));
        Assert.Null(Property(Component(document, "zarith"), "builder:linked-modules"));
        // The standard library is the compiler's.
        Assert.Equal("required", Component(document, "ocaml-base-compiler").GetProperty("scope").GetString());
        Assert.Contains(
            "\"STATIC_LINK\",\"relatedSpdxElement\":\"SPDXRef-opam-angstrom\"",
            System.Text.Encoding.UTF8.GetString(SbomDocument.Of(SampleBuilds.Of(Program) with { Linked = linked }).ToSpdx()),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("isc", "ISC")]
    [InlineData("BSD-3-clause", "BSD-3-Clause")]
    [InlineData("CC0-1.0+", "CC0-1.0+")]
    [InlineData("LGPL-2.1-or-later WITH OCaml-LGPL-linking-exception", "LGPL-2.1-or-later WITH OCaml-LGPL-linking-exception")]
    [InlineData("(MIT OR apache-2.0) AND ISC", "(MIT OR Apache-2.0) AND ISC")]
    [InlineData("LicenseRef-mine", "LicenseRef-mine")]
    [InlineData("LGPL with OpenSSL linking exception", null)]
    [InlineData("MIT AND", null)]
    [InlineData("MIT ISC", null)]
    [InlineData("(MIT", null)]
    [InlineData("MIT WITH nonsense", null)]
    [InlineData("(MIT) WITH Classpath-exception-2.0", null)]
    [InlineData("", null)]
    public void Licences_are_spelled_as_the_list_does(string written, string? expected) =>
        Assert.Equal(expected, LicenseExpression.TryParse(written, out var expression) ? expression.Text : null);

    private static JsonElement CycloneDx(SbomBuild build) => JsonDocument.Parse(SbomDocument.Of(build).ToCycloneDx()).RootElement;

    private static JsonElement Component(JsonElement document, string name) =>
        document.GetProperty("components").EnumerateArray().First(component => component.GetProperty("name").GetString() == name);

    private static JsonElement ByReference(JsonElement document, string reference) =>
        document.GetProperty("components").EnumerateArray().Single(component => component.GetProperty("bom-ref").GetString() == reference);

    private static string NameOf(JsonElement document, string reference) =>
        ByReference(document, reference).GetProperty("name").GetString()!;

    private static string? Property(JsonElement component, string name) =>
        component.GetProperty("properties").EnumerateArray().FirstOrDefault(property => property.GetProperty("name").GetString() == name)
            is { ValueKind: JsonValueKind.Object } property
            ? property.GetProperty("value").GetString()
            : null;
}
