using System.Net;
using System.Text.Json.Nodes;
using Builder.Testing;
using Builder.Web.Api;

namespace Builder.Web.Tests.Proof;

/// <summary>The page about a file, and that its commands do what it says: they are run as a visitor copies them.</summary>
public sealed class ProofTests(SignedSite signed) : IClassFixture<SignedSite>
{
    private const string Hello = "/job/hello/build/4e467a04-af65-4b95-9a98-d426445e1feb";
    private const string Reproduced = "/job/hello/build/400de0f8-a250-4b60-90ac-3428a3ca3ec2";
    private const string Other = "/job/dns-primary/build/9d950768-3600-4b44-96b2-06d56dc27c4c";

    [Fact]
    public async Task It_says_first_in_plain_words_who_built_it_and_who_says_so()
    {
        using var page = await signed.Http.PageAsync(Reproduced + "/proof");

        Assert.StartsWith("What is known of ", page.Text("h1"), StringComparison.Ordinal);
        Assert.Equal("In plain words", page.Text("section h2"));
        // Recorded data has no record of a build server.
        Assert.Equal(["imported", "signed", "reproduced", "in the log", "stands"], page.Texts("#known .badge"));
        Assert.Contains("3 other builds of this site gave the same bytes.", page.Texts("#known dd"));
        Assert.Contains(page.Texts("#documents code"), name => name == "provenance.sigstore.json");
    }

    [Fact]
    public async Task Every_document_on_it_is_there()
    {
        using var page = await signed.Http.PageAsync(Hello + "/proof");
        var links = page.QuerySelectorAll("#documents a").Select(link => link.GetAttribute("href")!).ToList();
        Assert.Equal(11, links.Count);

        foreach (var link in links)
        {
            using var answer = await signed.Http.GetAsync(link, TestContext.Current.CancellationToken);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{link}: {answer.StatusCode}");
        }
    }

    [Theory]
    [InlineData("sha256sum")]
    [InlineData("signify-openbsd")]
    [InlineData("minisign")]
    [InlineData("in-toto")]
    [InlineData("cosign 3")]
    public async Task The_command_on_it_accepts_the_file_and_refuses_another(string program)
    {
        Requirement.Programs("curl", "bash");
        if (program is "signify-openbsd" or "minisign")
            Requirement.Programs(program);
        if (program == "in-toto")
            Requirement.Programs("in-toto-verify");
        using var folder = new TemporaryDirectory();
        var stop = TestContext.Current.CancellationToken;
        var path = program.StartsWith("cosign", StringComparison.Ordinal)
            ? Path.GetDirectoryName(await StockProgram.FindAsync("cosign", stop))!
            : "/nowhere";
        using var page = await signed.Http.PageAsync(Hello + "/proof");
        string Command(string name) => page.QuerySelector($"pre[data-program='{name}']")!.TextContent;

        async Task<(int Status, string Output)> RunAsync(string lines) =>
            await StockProgram.RunAsync(
                "bash",
                ["-euo", "pipefail", "-c", $"cd '{folder.Path}'; PATH='{path}':$PATH\n{lines}"],
                stop,
                folder.Path
            );

        Assert.Equal((0, ""), await RunAsync(Command("curl")));
        var (status, output) = await RunAsync(Command(program));
        Assert.True(status == 0, output);
        await File.AppendAllTextAsync(folder["hello.hvt"], "changed", stop);
        Assert.NotEqual(0, (await RunAsync(Command(program))).Status);
    }

    [Fact]
    public async Task Lists_of_files_are_the_same_each_time()
    {
        foreach (var name in new[] { "/SHA256.sig", "/quorum.tar.gz", "/main-binary.minisig" })
            Assert.Equal(
                await signed.Http.GetByteArrayAsync(Hello + name, TestContext.Current.CancellationToken),
                await signed.Http.GetByteArrayAsync(Hello + name + "?again", TestContext.Current.CancellationToken)
            );
    }

    [Fact]
    public async Task Programs_get_the_same_as_json()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Hello + "/proof");
        request.Headers.Accept.ParseAdd("application/json");
        using var answer = await signed.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var json = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        var schemas = JsonNode.Parse(await signed.Http.GetStringAsync("/openapi.json", TestContext.Current.CancellationToken))![
            "components"
        ]!["schemas"]!.AsObject();

        Assert.Empty(new JsonShape(schemas).Complaints(json, schemas["Proof"]!));
        Assert.Equal("hello.hvt", json["file"]!.GetValue<string>());
    }

    public static TheoryData<string> OfSigner =>
        [.. ApiCatalogue.All.Where(operation => operation.NeedsSigner).Select(operation => operation.Path)];

    [Theory]
    [MemberData(nameof(OfSigner))]
    public async Task What_needs_a_signer_is_as_the_document_describes_it(string path)
    {
        var operation = ApiCatalogue.All.Single(one => one.Path == path);
        var address = path.Replace("/job/{job}/build/{build}", Hello, StringComparison.Ordinal);
        using var answer = await signed.Http.GetAsync(address, TestContext.Current.CancellationToken);

        Assert.Equal(operation.Answers[0].Status, (int)answer.StatusCode);
        Assert.Equal(operation.Produces, answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_build_that_was_taken_back_says_so_first_and_gets_no_signatures_any_more()
    {
        await signed.RetractAsync(Other[^36..], "the compiler was broken");

        using var page = await signed.Http.PageAsync(Other + "/proof");
        Assert.Equal("taken back", page.Text("#known .badge"));
        Assert.Contains("the compiler was broken", page.Text("#known dd"), StringComparison.Ordinal);
        using var signature = await signed.Http.PageAsync(Other + "/SHA256.sig", HttpStatusCode.NotFound);
        Assert.Contains("the signer refuses: it was taken back", signature.Text(".head p"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_signer_the_page_claims_nothing()
    {
        await using var site = await Site.FilledAsync();
        using var page = await site.Http.PageAsync(Hello + "/proof");

        Assert.Equal(["built", "not signed", "not reproducible", "no log"], page.Texts("#known .badge"));
        Assert.Contains("No signed statement says so.", page.Text("#known dd"), StringComparison.Ordinal);
        using var signature = await site.Http.GetAsync(Hello + "/SHA256.sig", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, signature.StatusCode);
    }

    [Fact]
    public async Task The_page_of_a_build_leads_to_it()
    {
        using var page = await signed.Http.PageAsync(Hello);

        Assert.NotNull(page.QuerySelector($"a[href='{Hello}/proof']"));
    }
}
