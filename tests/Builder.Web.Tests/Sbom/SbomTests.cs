using System.Net;
using System.Text.Json;

namespace Builder.Web.Tests.Sbom;

/// <summary>Lists of components as the site serves them. The validators of both formats are in Builder.Proof.Tests.</summary>
public sealed class SbomTests(FilledSite filled) : IClassFixture<FilledSite>
{
    private const string Hello = "/job/hello/build/4e467a04-af65-4b95-9a98-d426445e1feb";
    private const string Unikernel = "/job/dns-primary/build/9d950768-3600-4b44-96b2-06d56dc27c4c";
    private const string Failed = "/job/hello/build/262d7ea5-bbcb-498f-96cf-bc82d800c7cb";

    [Fact]
    public async Task CycloneDx_names_the_main_binary_by_its_hash_and_what_opam_installed()
    {
        using var document = await GetAsync(Hello + "/sbom.cdx.json", "application/vnd.cyclonedx+json; version=1.6");
        var main = document.RootElement.GetProperty("metadata").GetProperty("component");

        Assert.Equal("hello.hvt", main.GetProperty("name").GetString());
        Assert.Equal(
            "4b1ecce45c7af07315755d0032e8c0d679fcaa79767e67a9e60991f376047ac8",
            main.GetProperty("hashes")[0].GetProperty("content").GetString()
        );
        var packages = document
            .RootElement.GetProperty("components")
            .EnumerateArray()
            .Select(component => component.GetProperty("purl").GetString()!)
            .ToList();
        Assert.Contains(packages, package => package.StartsWith("pkg:opam/", StringComparison.Ordinal));
        Assert.Contains(packages, package => package.StartsWith("pkg:deb/debian/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Spdx_describes_the_main_binary()
    {
        using var document = await GetAsync(Hello + "/sbom.spdx.json", "application/spdx+json");
        var main = document.RootElement.GetProperty("packages")[0];

        Assert.Equal("SPDX-2.3", document.RootElement.GetProperty("spdxVersion").GetString());
        Assert.Equal("bin/hello.hvt", main.GetProperty("packageFileName").GetString());
        Assert.Equal(
            "4b1ecce45c7af07315755d0032e8c0d679fcaa79767e67a9e60991f376047ac8",
            main.GetProperty("checksums")[0].GetProperty("checksumValue").GetString()
        );
    }

    [Fact]
    public async Task A_unikernel_says_its_target_and_devices()
    {
        using var document = await GetAsync(Unikernel + "/sbom.cdx.json", "application/vnd.cyclonedx+json; version=1.6");
        var main = document.RootElement.GetProperty("metadata").GetProperty("component");

        Assert.Equal("firmware", main.GetProperty("type").GetString());
        var properties = main.GetProperty("properties")
            .EnumerateArray()
            .Select(property => $"{property.GetProperty("name").GetString()}={property.GetProperty("value").GetString()}")
            .ToList();
        Assert.Contains("builder:solo5:target=spt", properties);
        Assert.Contains("builder:solo5:device=NET_BASIC service", properties);
    }

    [Fact]
    public async Task Everybody_gets_the_same_bytes_whatever_host_they_ask()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Hello + "/sbom.cdx.json") { Headers = { Host = "other.example" } };
        using var answer = await filled.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(
            await filled.Http.GetByteArrayAsync(Hello + "/sbom.cdx.json", TestContext.Current.CancellationToken),
            await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)
        );
    }

    [Fact]
    public async Task A_public_address_stands_in_the_documents()
    {
        await using var site = await Site.FilledAsync(static options => options with { PublicUrl = new Uri("https://builds.example.org") });

        Assert.Contains(
            $"https://builds.example.org{Hello}/attestations",
            await site.Http.GetStringAsync(Hello + "/sbom.cdx.json", TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_build_without_a_main_binary_has_none()
    {
        foreach (var name in new[] { "/sbom.cdx.json", "/sbom.spdx.json" })
        {
            using var page = await filled.Http.PageAsync(Failed + name, HttpStatusCode.NotFound);
            Assert.Contains("no main binary", page.Text(".head p"), StringComparison.Ordinal);
        }
        using var build = await filled.Http.PageAsync(Failed);
        Assert.Empty(build.QuerySelectorAll("a[href$='.cdx.json']"));
    }

    [Fact]
    public async Task The_page_of_a_build_leads_to_both()
    {
        using var page = await filled.Http.PageAsync(Hello);

        Assert.Equal(Hello + "/sbom.cdx.json", page.QuerySelector("a[href$='.cdx.json']")!.GetAttribute("href"));
        Assert.Equal(Hello + "/sbom.spdx.json", page.QuerySelector("a[href$='.spdx.json']")!.GetAttribute("href"));
    }

    private async Task<JsonDocument> GetAsync(string address, string contentType)
    {
        using var answer = await filled.Http.GetAsync(address, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(contentType, answer.Content.Headers.ContentType?.ToString());
        return JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }
}
