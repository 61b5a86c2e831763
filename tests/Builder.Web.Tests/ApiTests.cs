using System.Text.Json.Nodes;
using Builder.Web.Api;

namespace Builder.Web.Tests;

public sealed class ApiTests(FilledSite filled) : IClassFixture<FilledSite>
{
    private const string Hello = "4e467a04-af65-4b95-9a98-d426445e1feb";

    [Fact]
    public async Task The_document_names_every_operation_once_and_its_references_lead_somewhere()
    {
        var document = JsonNode.Parse(await filled.Http.GetStringAsync("/openapi.json", TestContext.Current.CancellationToken))!;
        Assert.Equal("3.1.0", document["openapi"]!.GetValue<string>());
        var ids = document["paths"]!
            .AsObject()
            .SelectMany(path => path.Value!.AsObject().Select(operation => operation.Value!["operationId"]!.GetValue<string>()))
            .ToList();
        Assert.Equal(ApiCatalogue.All.Count, ids.Count);
        Assert.Equal(ids.Count, ids.Distinct().Count());
        var schemas = document["components"]!["schemas"]!.AsObject();
        Assert.All(
            References(document),
            reference =>
                Assert.True(schemas.ContainsKey(reference.Replace("#/components/schemas/", "", StringComparison.Ordinal)), reference)
        );
    }

    public static TheoryData<string> Readable =>
        [
            .. ApiCatalogue
                // Of no build here: Proof/BuildInfoTests asks for one.
                .All.Where(operation =>
                    operation is { IsUpload: false, NeedsSigner: false, NeedsToken: false }
                    && !operation.Path.EndsWith("/buildinfo", StringComparison.Ordinal)
                )
                .Select(operation => operation.Path),
        ];

    [Theory]
    [MemberData(nameof(Readable))]
    public async Task Each_operation_answers_as_it_is_described(string path)
    {
        var operation = ApiCatalogue.All.Single(one => one.Path == path && one.Method == "GET");
        var address = path.Replace("{job}", "hello", StringComparison.Ordinal)
            .Replace("{build}", Hello, StringComparison.Ordinal)
            .Replace("{ecosystem}", "opam", StringComparison.Ordinal)
            .Replace("{name}", path == "/symbol/{name}" ? "c_helper_dns" : "ocaml", StringComparison.Ordinal)
            .Replace("{version}", "4.14.2", StringComparison.Ordinal)
            .Replace("{id}", filled.AddAdvisory(), StringComparison.Ordinal)
            .Replace("{left}", Hello, StringComparison.Ordinal)
            .Replace("{right}", "de9aa117-ee32-4e5c-9f5e-4af061420a4b", StringComparison.Ordinal)
            .Replace(
                "{path}",
                path.Contains("latest", StringComparison.Ordinal) ? "main-binary"
                    : path.StartsWith("/tlog/", StringComparison.Ordinal) ? "tile/entries/000.p/3"
                    : "bin/hello.hvt",
                StringComparison.Ordinal
            );
        address = address
            .Replace("{index}", "5", StringComparison.Ordinal)
            .Replace("{statement}", TestedStatements.Rebuilt.ToString(), StringComparison.Ordinal);
        if (path == "/hash")
            address += "?sha256=4b1ecce45c7af07315755d0032e8c0d679fcaa79767e67a9e60991f376047ac8";
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.ParseAdd(operation.Produces.Length > 0 ? operation.Produces : "*/*");
        using var answer = await filled.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(operation.Answers[0].Status, (int)answer.StatusCode);
        if (operation.Produces.Length > 0)
            Assert.Equal(operation.Produces, answer.Content.Headers.ContentType?.MediaType);
        else
            Assert.StartsWith("/", answer.Headers.Location?.OriginalString, StringComparison.Ordinal);
    }

    /// <summary>Also the other way round: nothing is in an answer that the document does not have.</summary>
    [Theory]
    [InlineData("/", "Jobs")]
    [InlineData("/all-builds", "Jobs")]
    [InlineData("/job/hello", "Builds")]
    [InlineData("/job/hello/failed", "Builds")]
    [InlineData("/job/hello/build/4e467a04-af65-4b95-9a98-d426445e1feb", "Build")]
    [InlineData("/job/dns-primary/build/9d950768-3600-4b44-96b2-06d56dc27c4c", "Build")]
    [InlineData("/job/hello/build/262d7ea5-bbcb-498f-96cf-bc82d800c7cb", "Build")]
    [InlineData("/compare/de9aa117-ee32-4e5c-9f5e-4af061420a4b/4e467a04-af65-4b95-9a98-d426445e1feb?modules", "Comparison")]
    [InlineData("/compare/4e467a04-af65-4b95-9a98-d426445e1feb/400de0f8-a250-4b60-90ac-3428a3ca3ec2", "Comparison")]
    [InlineData("/rebuilders", "Rebuilders")]
    [InlineData("/rebuilders/builds", "RepeatableBuilds")]
    [InlineData("/rebuilders/builds?job=hello", "RepeatableBuilds")]
    [InlineData("/job/hello/build/4e467a04-af65-4b95-9a98-d426445e1feb/rebuilders", "BuildRebuilders")]
    [InlineData("/log", "Log")]
    [InlineData("/trusted_root.json", "TrustedRoot")]
    [InlineData("/advisories", "Advisories")]
    [InlineData("/package/opam/ocaml", "Package")]
    [InlineData("/symbol/c_helper_dns", "Symbol")]
    [InlineData("/search?q=hel", "Found")]
    [InlineData("/search?q=%22unikernel%22", "Found")]
    [InlineData("/search/suggestions?q=hel", "Suggestions")]
    [InlineData("/advisories/OSEC-2026-01", "Advisory")]
    [InlineData("/job/hello/build/4e467a04-af65-4b95-9a98-d426445e1feb/advisories", "BuildAdvisories")]
    [InlineData("/job/nope", "Problem")]
    [InlineData("/hash?sha256=x", "Problem")]
    public async Task Answers_have_the_shape_that_the_document_describes(string address, string schema)
    {
        filled.AddAdvisory();
        var schemas = JsonNode.Parse(await filled.Http.GetStringAsync("/openapi.json", TestContext.Current.CancellationToken))![
            "components"
        ]!["schemas"]!.AsObject();
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.ParseAdd("application/json");
        using var answer = await filled.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var json = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Empty(new JsonShape(schemas).Complaints(json, schemas[schema]!));
    }

    [Fact]
    public async Task Every_error_of_every_operation_is_described_as_problem_details()
    {
        var document = JsonNode.Parse(await filled.Http.GetStringAsync("/openapi.json", TestContext.Current.CancellationToken))!;
        var errors = document["paths"]!
            .AsObject()
            .SelectMany(path => path.Value!.AsObject())
            .SelectMany(operation => operation.Value!["responses"]!.AsObject())
            .Where(answer => answer.Key[0] is '4' or '5')
            .ToList();
        Assert.True(errors.Count > 30, $"only {errors.Count} errors are described");
        Assert.All(
            errors,
            error =>
                Assert.Equal(
                    "#/components/schemas/Problem",
                    error.Value!["content"]!["application/problem+json"]!["schema"]!["$ref"]!.GetValue<string>()
                )
        );
    }

    [Fact]
    public async Task Errors_are_problem_details_for_programs()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/job/nope");
        request.Headers.Accept.ParseAdd("application/json");
        using var answer = await filled.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal(404, problem["status"]!.GetValue<int>());
        Assert.Contains("/job/nope", problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    private static IEnumerable<string> References(JsonNode? node) =>
        node switch
        {
            JsonObject members => members.SelectMany(member =>
                member.Key == "$ref" ? [member.Value!.GetValue<string>()] : References(member.Value)
            ),
            JsonArray items => items.SelectMany(References),
            _ => [],
        };
}
