using System.Net;
using System.Text.Json;
using Builder.Analysis.Values;
using Builder.Proof.Keys;
using Builder.Proof.Links;
using Builder.Proof.Rebuilding;
using Builder.Proof.Statements;
using Builder.Storage.Rebuilders;
using Builder.Web;
using Builder.Web.Options;
using Microsoft.Extensions.Logging;

namespace Builder.Publishing.Tests.Served;

/// <summary>Programs of rebuilderd ask the site. Their questions and the answers of rebuilderd 0.28 were recorded.</summary>
public sealed class RebuilderdTests
{
    private const string BinaryPackage =
        """{"id":1,"name":"hello","version":"2.10-3","distribution":"debian","release":"sid","component":"main","architecture":"amd64","url":"…deb","status":"GOOD","build_id":1,"artifact_id":1,"diffoscope_log_id":null,"attestation_log_id":1,"last_seen":"2026-11-26T05:23:46.426017164","seen_in_last_sync":true}""";

    private const string Rebuild =
        """{"id":1,"name":"hello","version":"2.10-3","distribution":"debian","release":"sid","architecture":"amd64","backend":"debian","retries":0,"started_at":"2026-11-26T05:23:40","built_at":"2026-11-26T05:23:46","status":"GOOD"}""";

    private const string Artifact = """{"id":1,"name":"hello","has_diffoscope":false,"has_attestation":true,"status":"GOOD"}""";

    private const string Dashboard =
        """{"rebuilds":{"good":1,"bad":0,"fail":0,"unknown":0},"jobs":{"running":0,"available":0,"pending":0}}""";

    private const string Release =
        """{"name":"hello","version":"2.10-3","status":"GOOD","distro":"debian","suite":"main","architecture":"amd64","artifact_url":"…deb","build_id":1,"built_at":"2026-11-26T05:23:46","has_diffoscope":false,"has_attestation":true}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Its_clients_read_the_packages_that_the_site_publishes()
    {
        await using var site = await TestSite.CreateAsync();
        await site.InitDebianAsync();
        using (var queue = await site.StartQueueAsync())
        {
            var deb = await DebMaker.MakeAsync(site["debs"]);
            var build = await site.StoreAsync(deb, path: "bin/hello.deb", input: "recorded");
            await queue.DrainAsync(Cancellation);
            await using var web = await StartAsync(site);
            using var http = new HttpClient { BaseAddress = web.Address };

            // debian-repro-status asks this and no more.
            Assert.Equal("UNKWN", Member(Assert.Single(await ArrayAsync(http, "/api/v0/pkgs/list")), "status"));
            using var key = Ed25519SigningKey.Generate();
            await PostAsync(site, http, key, $"/job/hello-deb/build/{build}", Sha256Digest.Parse(DebMaker.Sha256(deb)));
            var release = Assert.Single(await ArrayAsync(http, "/api/v0/pkgs/list"));
            AssertShape(Release, release);
            Assert.Equal("GOOD", Member(release, "status"));
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(Member(release, "artifact_url"), Cancellation)).StatusCode);

            // rebuildctl pkgs ls: page after page, until one is empty.
            var package = Assert.Single(await RecordsAsync(http, "/api/v1/packages/binary?limit=1000&sort=name"));
            AssertShape(BinaryPackage, package);
            var id = package.GetProperty("id").GetInt64();
            Assert.Empty(await RecordsAsync(http, $"/api/v1/packages/binary?limit=1000&sort=name&after={id}"));
            Assert.Empty(await RecordsAsync(http, "/api/v1/packages/binary?name=nobody"));
            Assert.Single(await RecordsAsync(http, "/api/v1/packages/source"));
            AssertShape(Rebuild, await OneAsync(http, $"/api/v1/builds/{id}"));
            AssertShape(Artifact, Assert.Single(await ArrayAsync(http, $"/api/v1/builds/{id}/artifacts")));
            AssertShape(Dashboard, await OneAsync(http, "/api/v1/dashboard"));
            Assert.Equal("debian-12", Assert.Single(await ArrayAsync(http, "/api/v1/meta/distributions/debian/releases")).GetString());
            Assert.Equal(key.PublicKey.ToPem(), (await OneAsync(http, "/api/v1/meta/public-keys")).GetProperty("current")[0].GetString());

            // rebuildctl pkgs attestation, and apt-transport-in-toto.
            var link = SignedLink.Read(
                await http.GetByteArrayAsync($"/api/v1/builds/{id}/artifacts/{id}/attestation", Cancellation),
                key.PublicKey
            );
            Assert.Equal("rebuild hello.deb", link.Step);
            var (name, version) = (Member(release, "name"), Uri.EscapeDataString(Member(release, "version")));
            link = SignedLink.Read(await http.GetByteArrayAsync($"/sources/{name}/{version}/metadata", Cancellation), key.PublicKey);
            Assert.Equal("rebuild", link.Step);
            Assert.Equal(DebMaker.Sha256(deb), Assert.Single(link.Products).Value.ToString());

            using var change = new StringContent("{}");
            Assert.Equal(HttpStatusCode.MethodNotAllowed, (await http.PostAsync("/api/v1/builds", change, Cancellation)).StatusCode);
        }
    }

    private static async Task PostAsync(TestSite site, HttpClient http, Ed25519SigningKey key, string page, Sha256Digest main)
    {
        await RebuilderRows.AddAsync(
            site.Database,
            new Rebuilder("ann", key.Id.Value, key.PublicKey.SubjectPublicKeyInfo, DateTimeOffset.UnixEpoch, null, null),
            Cancellation
        );
        using var lines = new ByteArrayContent(
            RebuildStatement.Sign(
                new RebuildResult
                {
                    Build = new Uri(http.BaseAddress!, page),
                    External = new ExternalParameters("hello-deb", "debian-12", Sha256Digest.Of("script"u8)),
                    Artifacts = [ResourceDescriptor.Of("bin/hello.deb", main)],
                    MainBinary = "bin/hello.deb",
                    InvocationId = "1",
                },
                key
            )
        );
        using var answer = await http.PostAsync($"{page}/attestations", lines, Cancellation);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    /// <summary>The same members in the same order, each of the same kind.</summary>
    private static void AssertShape(string recorded, JsonElement ours)
    {
        using var document = JsonDocument.Parse(recorded);
        Assert.Equal(Shape(document.RootElement), Shape(ours));
    }

    private static string Shape(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object
            ? "{" + string.Join(", ", element.EnumerateObject().Select(static member => $"{member.Name}: {Shape(member.Value)}")) + "}"
            : element.ValueKind.ToString();

    private static string Member(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static async Task<IReadOnlyList<JsonElement>> RecordsAsync(HttpClient http, string address) =>
        [.. (await OneAsync(http, address)).GetProperty("records").EnumerateArray()];

    private static async Task<IReadOnlyList<JsonElement>> ArrayAsync(HttpClient http, string address) =>
        [.. (await OneAsync(http, address)).EnumerateArray()];

    private static async Task<JsonElement> OneAsync(HttpClient http, string address)
    {
        using var document = JsonDocument.Parse(await http.GetStringAsync(address, Cancellation));
        return document.RootElement.Clone();
    }

    private static async Task<BuilderWeb> StartAsync(TestSite site)
    {
        var web = await BuilderWeb.CreateAsync(
            new WebOptions
            {
                Port = 0,
                DataDirectory = site.Data,
                ConfigurationDirectory = site.Config,
            },
            static logging => logging.SetMinimumLevel(LogLevel.None),
            Cancellation
        );
        await web.StartAsync(Cancellation);
        return web;
    }
}
