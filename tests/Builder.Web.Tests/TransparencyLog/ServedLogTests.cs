using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Builder.Proof.Log;

namespace Builder.Web.Tests.TransparencyLog;

/// <summary>The log as its readers get it: over HTTP, with nothing but its key.</summary>
public sealed class ServedLogTests(FilledSite filled) : IClassFixture<FilledSite>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_checkpoint_is_text_for_a_few_seconds_with_the_witness_below()
    {
        using var answer = await filled.Http.GetAsync("/tlog/checkpoint", Token);

        Assert.Equal("text/plain; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.True(answer.Headers.CacheControl!.MaxAge <= TimeSpan.FromSeconds(10));
        var signed = SignedCheckpoint.Open(await answer.Content.ReadAsByteArrayAsync(Token), TestedLog.Verifier);
        Assert.Equal(TestedLog.Size, signed.Size);
        Assert.Equal(["builds.example", "witness.example"], signed.Note.Signatures.Select(static line => line.Name));
        Assert.Equal(TestedLog.Verifier.Vkey, (await filled.Http.GetStringAsync("/tlog/vkey", Token)).TrimEnd('\n'));
    }

    [Fact]
    public async Task Every_entry_is_proven_by_tiles_that_may_be_kept_for_ever()
    {
        var tiles = new HttpTiles(filled.Http);
        var signed = SignedCheckpoint.Open(await filled.Http.GetByteArrayAsync("/tlog/checkpoint", Token), TestedLog.Verifier);
        var tree = new TileTree(tiles, signed.Size);

        Assert.Equal(signed.Checkpoint.Root, await tree.RootAsync(Token));
        for (var index = 0; index < TestedLog.Size; index += 7)
        {
            var proof = await tree.ProveInclusionAsync(index, Token);
            Assert.True(InclusionProof.Verify(MerkleHash.OfLeaf(TestedLog.Leaf(index)), index, signed.Size, proof, signed.Checkpoint.Root));
        }
        Assert.All(tiles.Answers, static cache => Assert.Contains("immutable", cache, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("tile/0/000", 256 * 32)]
    [InlineData("tile/0/000.p/7", 7 * 32)]
    [InlineData("tile/0/001.p/44", 44 * 32)]
    [InlineData("tile/1/000.p/1", 32)]
    public async Task Partial_tiles_of_older_checkpoints_are_there_too(string tile, int length)
    {
        using var answer = await filled.Http.GetAsync($"/tlog/{tile}", Token);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/octet-stream", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal(length, answer.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task A_partial_bundle_ends_after_its_last_entry()
    {
        var bundle = await filled.Http.GetByteArrayAsync("/tlog/tile/entries/000.p/5", Token);

        Assert.Equal(bundle.Length, EntryBundle.LengthOf(bundle, 5));
        Assert.Equal(TestedLog.Leaf(4), EntryBundle.Read(bundle, 5)[4].ToArray());
    }

    [Theory]
    [InlineData("tile/0/001")]
    [InlineData("tile/0/001.p/45")]
    [InlineData("tile/0/002.p/1")]
    [InlineData("tile/entries/001.p/45")]
    [InlineData("tile/2/000.p/1")]
    [InlineData("tile/0/000.p/256")]
    [InlineData("tile/0/x000/000")]
    [InlineData("journal")]
    [InlineData("..%2fbuilder.sqlite3")]
    [InlineData("tile/0/..%2f..%2fcheckpoint")]
    public async Task What_the_published_log_does_not_have_is_not_served(string path)
    {
        using var answer = await filled.Http.GetAsync($"/tlog/{path}", Token);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Tiles_have_ranges_and_tags()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/tlog/tile/0/000")
        {
            Headers = { Range = new RangeHeaderValue(32, 63) },
        };
        using var part = await filled.Http.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(
            (await filled.Http.GetByteArrayAsync("/tlog/tile/0/000", Token))[32..64],
            await part.Content.ReadAsByteArrayAsync(Token)
        );

        using var again = new HttpRequestMessage(HttpMethod.Get, "/tlog/tile/0/000") { Headers = { IfNoneMatch = { part.Headers.ETag! } } };
        Assert.Equal(HttpStatusCode.NotModified, (await filled.Http.SendAsync(again, Token)).StatusCode);
    }

    [Fact]
    public async Task The_trusted_root_names_the_log_by_its_host_and_key()
    {
        using var root = JsonDocument.Parse(await filled.Http.GetByteArrayAsync("/trusted_root.json", Token));

        var log = Assert.Single(root.RootElement.GetProperty("tlogs").EnumerateArray());
        Assert.Equal("https://builds.example", log.GetProperty("baseUrl").GetString());
        Assert.Equal(TestedLog.Verifier.FullHash(), log.GetProperty("logId").GetProperty("keyId").GetBytesFromBase64());
    }

    [Fact]
    public async Task An_artifact_has_a_proof_that_needs_nothing_but_the_key()
    {
        using var answer = await filled.Http.GetAsync("/job/hello/build/4e467a04-af65-4b95-9a98-d426445e1feb/f/bin/hello.hvt?proof", Token);

        Assert.Equal("text/plain; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        var proof = TlogProof.Parse(await answer.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal(TestedLog.Size, proof.Verify(proof.Extra!.Value.Span, TestedLog.Verifier).Size);
        Assert.Equal(5, proof.Index);
        Assert.Equal(TestedLog.Leaf(5), proof.Extra.Value.ToArray());
    }

    [Theory]
    [InlineData("/job/hello/build/4e467a04-af65-4b95-9a98-d426445e1feb/f/opam-switch?proof")]
    [InlineData("/job/hello/build/400de0f8-a250-4b60-90ac-3428a3ca3ec2/f/bin/hello.hvt?proof")]
    [InlineData("/log/entry/299")]
    [InlineData("/log/entry/x")]
    [InlineData("/log/entry/-1")]
    [InlineData("/log/entry/99999999999999999999")]
    public async Task What_nobody_signed_has_no_proof_and_no_statement(string address)
    {
        using var answer = await filled.Http.GetAsync(address, Token);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task An_entry_leads_to_its_statement() =>
        Assert.Equal(
            await filled.Http.GetStringAsync("/job/hello/build/4e467a04-af65-4b95-9a98-d426445e1feb/provenance", Token),
            await filled.Http.GetStringAsync("/log/entry/5", Token)
        );

    [Fact]
    public async Task The_page_says_how_large_it_is_who_signed_and_how_to_check()
    {
        using var page = await filled.Http.PageAsync("/log");

        Assert.Contains("300 entries", page.Texts("h2"));
        Assert.Contains("builder log check --site", page.Body!.TextContent, StringComparison.Ordinal);
        Assert.Contains("witness.example", page.Body.TextContent, StringComparison.Ordinal);
        Assert.Contains("retraction of build 4e467a04-af65-4b95-9a98-d426445e1feb", page.Texts("td"));
    }

    [Fact]
    public async Task A_site_without_a_log_says_so()
    {
        await using var site = await Site.EmptyAsync();

        using var page = await site.Http.PageAsync("/log");
        Assert.Contains("No entries yet", page.Body!.TextContent, StringComparison.Ordinal);
        foreach (var path in (string[])["/tlog/checkpoint", "/tlog/vkey", "/trusted_root.json"])
            Assert.Equal(HttpStatusCode.NotFound, (await site.Http.GetAsync(path, Token)).StatusCode);
    }

    private sealed class HttpTiles(HttpClient http) : ITileSource
    {
        public List<string> Answers { get; } = [];

        public async ValueTask<byte[]?> ReadAsync(TileAddress address, CancellationToken cancellationToken)
        {
            using var answer = await http.GetAsync($"/tlog/{address.Path}", cancellationToken);
            Answers.Add(answer.Headers.GetValues("Cache-Control").Single());
            return answer.IsSuccessStatusCode ? await answer.Content.ReadAsByteArrayAsync(cancellationToken) : null;
        }
    }
}
