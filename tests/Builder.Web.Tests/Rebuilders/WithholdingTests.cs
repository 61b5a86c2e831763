using System.Net;
using Builder.Proof.Keys;

namespace Builder.Web.Tests.Rebuilders;

public sealed class WithholdingTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static readonly string[] Hidden =
    [
        "/f/bin/hello.hvt",
        "/main-binary",
        "/exec",
        "/all.tar.gz",
        "/sbom.cdx.json",
        "/sbom.spdx.json",
        "/buildinfo",
        "/proof",
        "/attestations",
        "/attestations.sigstore.jsonl",
        "/provenance",
        "/SHA256.sig",
        "/viztreemap",
        "/f/bin%2Fhello.hvt",
        "/f/opam-switch/../bin/hello.hvt",
        "/%65xec",
        "/x/../exec",
    ];

    private static readonly string[] Shown =
    [
        "",
        "/script",
        "/console",
        "/log",
        "/rebuilders",
        "/f/opam-switch",
        "/f/build-environment",
        "/f/system-packages",
    ];

    [Fact]
    public async Task Nobody_gets_files_or_hashes_until_enough_rebuilders_agree()
    {
        await using var site = await Site.FilledAsync();
        using var ann = Ed25519SigningKey.Generate();
        using var bob = Ed25519SigningKey.Generate();
        await Rebuilding.RegisterAsync(site, "ann", ann);
        await Rebuilding.RegisterAsync(site, "bob", bob);
        await Rebuilding.WithholdAsync(site);
        using var first = await Rebuilding.PostAsync(site, Rebuilding.Sign(ann, Rebuilding.Main));

        var payload = (await first.Content.ReadAsStringAsync(Stop)).Split('"')[^2];
        foreach (var part in Hidden.Append($"/rebuilders/{payload}"))
            await RequireAsync(site, Rebuilding.Page + part, HttpStatusCode.Forbidden);
        await RequireAsync(site, $"/compare/{Rebuilding.Uuid}/8e621bd5-e8d1-4d4e-94c8-f9fd28a5089b", HttpStatusCode.Forbidden);
        foreach (var part in Shown)
            await RequireAsync(site, Rebuilding.Page + part, HttpStatusCode.OK);
        foreach (
            var address in (string[])
                ["/", "/all-builds", "/job/hello", "/job/hello/failed", "/search?q=4b1ecce45c7a", "/rebuilders", "/rebuilders/builds"]
        )
            await RequireAsync(site, address, expected: null);
        Assert.Contains(
            "waits for 2 independent rebuilders that come to the same bytes; 1 has",
            await site.Http.GetStringAsync(Rebuilding.Page, Stop),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "\"required\":2,\"independent\":true,\"withheld\":true,\"waits_for\":\"waits for 2",
            await StatementTests.JsonAsync(site, Rebuilding.Page),
            StringComparison.Ordinal
        );

        using var second = await Rebuilding.PostAsync(site, Rebuilding.Sign(bob, Rebuilding.Main));

        using var file = await site.Http.GetAsync(Rebuilding.Page + "/f/bin/hello.hvt", Stop);
        Assert.Equal(HttpStatusCode.OK, file.StatusCode);
        Assert.Contains(Rebuilding.Main.ToString(), await site.Http.GetStringAsync(Rebuilding.Page, Stop), StringComparison.Ordinal);
    }

    private static async Task RequireAsync(Site site, string address, HttpStatusCode? expected)
    {
        foreach (var accept in (string[])["text/html", "application/json"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Accept.ParseAdd(accept);
            using var answer = await site.Http.SendAsync(request, Stop);
            var text = await answer.Content.ReadAsStringAsync(Stop);
            if (expected is { } status)
                Assert.True(status == answer.StatusCode, $"{address}: {answer.StatusCode}");
            Assert.False(
                text.Contains(Rebuilding.Main.ToString()[..12], StringComparison.OrdinalIgnoreCase)
                    && !address.StartsWith("/search", StringComparison.Ordinal),
                address
            );
            Assert.False(text.Contains(Rebuilding.Main.ToString(), StringComparison.OrdinalIgnoreCase), address);
            Assert.False(text.Contains(Convert.ToBase64String(Rebuilding.Main.ToByteArray()), StringComparison.Ordinal), address);
        }
    }
}
