using System.Net;
using System.Text;
using Builder.Analysis.Values;
using Builder.Proof.Keys;
using Builder.Proof.Rebuilding;
using Builder.Proof.Statements;
using Builder.Proof.Verifying;
using Builder.Storage.Database;
using Builder.Storage.Rebuilders;
using Builder.Web.Rebuilders;
using Microsoft.Extensions.DependencyInjection;

namespace Builder.Web.Tests.Rebuilders;

public sealed class StatementTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Statements_of_registered_rebuilders_are_kept_as_they_came_and_shown_by_name()
    {
        await using var site = await Site.FilledAsync();
        using var ann = Ed25519SigningKey.Generate();
        using var bob = EcdsaSigningKey.Generate();
        await Rebuilding.RegisterAsync(site, "ann", ann);
        await Rebuilding.RegisterAsync(site, "bob", bob);
        var agreeing = Rebuilding.Sign(ann, Rebuilding.Main);

        using var first = await Rebuilding.PostAsync(site, agreeing);
        using var again = await Rebuilding.PostAsync(site, agreeing);
        using var other = await Rebuilding.PostAsync(
            site,
            Rebuilding.Sign(bob, Rebuilding.Other, difference: "build time in bin/hello.hvt")
        );

        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(HttpStatusCode.Created, other.StatusCode);
        var build = await site.Http.GetStringAsync(Rebuilding.Page, Stop);
        Assert.Contains("1 of 2 rebuilders agree", build, StringComparison.Ordinal);
        Assert.Contains(
            $"href=\"{Rebuilding.Page}/rebuilders#bob\">bob</a><span class=\"dim\">: build time in bin/hello.hvt",
            build,
            StringComparison.Ordinal
        );
        var page = await site.Http.GetStringAsync(Rebuilding.Page + "/rebuilders", Stop);
        Assert.Contains(Rebuilding.Other.ToString(), page, StringComparison.Ordinal);
        var json = await JsonAsync(site, Rebuilding.Page);
        Assert.Contains("\"rebuilders\":{\"agree\":1,\"of\":2,\"withheld\":false", json, StringComparison.Ordinal);
        var payload = Sha256Digest.Of(DsseEnvelope.Parse(agreeing.AsMemory(0, agreeing.AsSpan().IndexOf((byte)'\n'))).Payload.Span);
        Assert.Equal(agreeing, await site.Http.GetByteArrayAsync($"{Rebuilding.Page}/rebuilders/{payload}", Stop));
        Assert.Contains("ann", await site.Http.GetStringAsync("/rebuilders", Stop), StringComparison.Ordinal);
        Assert.Contains("\"public_key\":\"-----BEGIN PUBLIC KEY", await JsonAsync(site, "/rebuilders"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_verifier_counts_them_from_the_sites_list_of_statements()
    {
        await using var site = await Site.FilledAsync();
        using var ann = Ed25519SigningKey.Generate();
        await Rebuilding.RegisterAsync(site, "ann", ann);
        using var posted = await Rebuilding.PostAsync(site, Rebuilding.Sign(ann, Rebuilding.Main));
        foreach (var list in (string[])["/attestations", "/attestations.sigstore.jsonl"])
        {
            var evidence = EvidenceReader.Read(await site.Http.GetByteArrayAsync(Rebuilding.Page + list, Stop), list);
            var said = Assert.Single(evidence, one => one.Envelope.IsSignedBy(ann.PublicKey));
            Assert.True(InTotoStatement.Parse(said.Envelope.Payload).IsAbout(Rebuilding.Main));
        }
    }

    [Fact]
    public async Task What_a_revoked_rebuilder_said_no_longer_counts()
    {
        await using var site = await Site.FilledAsync();
        using var ann = Ed25519SigningKey.Generate();
        await Rebuilding.RegisterAsync(site, "ann", ann);
        using var posted = await Rebuilding.PostAsync(site, Rebuilding.Sign(ann, Rebuilding.Main));
        Assert.Contains("1 of 1 rebuilders agree", await site.Http.GetStringAsync(Rebuilding.Page, Stop), StringComparison.Ordinal);

        await RebuilderRows.RevokeAsync(site.Web.Services.GetRequiredService<BuilderDatabase>(), "ann", DateTimeOffset.UnixEpoch, Stop);

        Assert.DoesNotContain("rebuilders agree", await site.Http.GetStringAsync(Rebuilding.Page, Stop), StringComparison.Ordinal);
        Assert.Contains("no longer count", await site.Http.GetStringAsync(Rebuilding.Page + "/rebuilders", Stop), StringComparison.Ordinal);
        using var more = await Rebuilding.PostAsync(site, Rebuilding.Sign(ann, Rebuilding.Other));
        Assert.Equal(HttpStatusCode.Forbidden, more.StatusCode);
    }

    [Fact]
    public async Task What_is_wrong_is_refused_with_its_reason()
    {
        await using var site = await Site.FilledAsync();
        using var ann = Ed25519SigningKey.Generate();
        using var eve = Ed25519SigningKey.Generate();
        await Rebuilding.RegisterAsync(site, "ann", ann);
        var good = Rebuilding.Sign(ann, Rebuilding.Main);
        var changed = Encoding.UTF8.GetBytes(
            Encoding.UTF8.GetString(good).Replace("\"payload\":\"ey", "\"payload\":\"ez", StringComparison.Ordinal)
        );
        var foreignLink = (byte[])
            [
                .. good.AsSpan(0, good.AsSpan().IndexOf((byte)'\n') + 1),
                .. Rebuilding.Sign(ann, Rebuilding.Other).AsSpan(good.AsSpan().IndexOf((byte)'\n') + 1),
            ];

        await RefusedAsync(site, Rebuilding.Sign(eve, Rebuilding.Main), HttpStatusCode.Forbidden, "builder db rebuilder-add NAME KEY");
        await RefusedAsync(site, changed, HttpStatusCode.Forbidden, "did not sign this statement");
        await RefusedAsync(
            site,
            Rebuilding.Sign(ann, Rebuilding.Main, uuid: "8e621bd5-e8d1-4d4e-94c8-f9fd28a5089b"),
            HttpStatusCode.BadRequest,
            "repeats https://builds.example/job/hello/build/8e621bd5"
        );
        await RefusedAsync(site, Rebuilding.Sign(ann, Rebuilding.Main, platform: "hurd"), HttpStatusCode.BadRequest, "platform \"hurd\"");
        await RefusedAsync(site, "{}"u8.ToArray(), HttpStatusCode.BadRequest, "payloadType");
        await RefusedAsync(site, [], HttpStatusCode.BadRequest, "a signed statement was expected");
        await RefusedAsync(site, [.. "{\"payloadType\":\""u8, 0xFF, .. "\"}"u8], HttpStatusCode.BadRequest, "it is not UTF-8");
        await RefusedAsync(site, "{\"payloadType\":\"\\ud800\"}"u8.ToArray(), HttpStatusCode.BadRequest, "half a surrogate");
        await RefusedAsync(site, foreignLink, HttpStatusCode.BadRequest, "a link names a file");
        await RefusedAsync(
            site,
            new byte[RebuildStatement.MaxSizeInBytes + 1],
            HttpStatusCode.RequestEntityTooLarge,
            "at most 1048576 bytes"
        );
        await RefusedAsync(
            site,
            good,
            HttpStatusCode.NotFound,
            "There is nothing at",
            "/job/hello/build/b92c500e-03fc-44d9-95de-50e5e6f91479"
        );
        Assert.DoesNotContain("rebuilders agree", await site.Http.GetStringAsync(Rebuilding.Page, Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_whose_statements_are_refused_has_to_wait_a_minute()
    {
        await using var site = await Site.FilledAsync();
        for (var count = 0; count < StatementLimiter.MaxRefused; count++)
            await RefusedAsync(site, "{}"u8.ToArray(), HttpStatusCode.BadRequest, "payloadType");
        await RefusedAsync(site, "{}"u8.ToArray(), HttpStatusCode.TooManyRequests, "Try again in 60 s");
        site.Clock.Advance(TimeSpan.FromMinutes(1));
        await RefusedAsync(site, "{}"u8.ToArray(), HttpStatusCode.BadRequest, "payloadType");
    }

    [Fact]
    public async Task Rebuilders_follow_a_list_of_builds_whose_inputs_are_recorded()
    {
        await using var site = await Site.FilledAsync();
        var all = await site.Http.GetStringAsync("/rebuilders/builds", Stop);
        Assert.Contains($"\"uuid\":\"{Rebuilding.Uuid}\",\"platform\":\"debian-12\",\"input_id\":", all, StringComparison.Ordinal);
        var next = all[(all.LastIndexOf(':') + 1)..^1];
        Assert.Equal($$"""{"builds":[],"next":{{next}}}""", await site.Http.GetStringAsync($"/rebuilders/builds?after={next}", Stop));
    }

    private static async Task RefusedAsync(Site site, byte[] lines, HttpStatusCode status, string reason, string page = Rebuilding.Page)
    {
        using var answer = await Rebuilding.PostAsync(site, lines, page);
        var text = await answer.Content.ReadAsStringAsync(Stop);
        Assert.Contains(reason, text, StringComparison.Ordinal);
        Assert.Equal(status, answer.StatusCode);
    }

    internal static async Task<string> JsonAsync(Site site, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.ParseAdd("application/json");
        using var answer = await site.Http.SendAsync(request, Stop);
        return await answer.Content.ReadAsStringAsync(Stop);
    }
}
