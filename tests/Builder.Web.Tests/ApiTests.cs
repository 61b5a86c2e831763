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
        var ids = document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(operation => operation.Value!["operationId"]!.GetValue<string>())).ToList();
        Assert.Equal(ApiCatalogue.All.Count, ids.Count);
        Assert.Equal(ids.Count, ids.Distinct().Count());
        var schemas = document["components"]!["schemas"]!.AsObject();
        Assert.All(References(document), reference => Assert.True(schemas.ContainsKey(reference.Replace("#/components/schemas/", "", StringComparison.Ordinal)), reference));
    }

    public static TheoryData<string> Readable => [.. ApiCatalogue.All.Where(operation => !operation.IsUpload).Select(operation => operation.Path)];

    [Theory]
    [MemberData(nameof(Readable))]
    public async Task Each_operation_answers_as_it_is_described(string path)
    {
        var operation = ApiCatalogue.All.Single(one => one.Path == path && !one.IsUpload);
        var address = path.Replace("{job}", "hello", StringComparison.Ordinal).Replace("{build}", Hello, StringComparison.Ordinal)
            .Replace("{left}", Hello, StringComparison.Ordinal).Replace("{right}", "de9aa117-ee32-4e5c-9f5e-4af061420a4b", StringComparison.Ordinal)
            .Replace("{path}", path.Contains("latest", StringComparison.Ordinal) ? "main-binary" : "bin/hello.hvt", StringComparison.Ordinal);
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

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => member.Key == "$ref" ? [member.Value!.GetValue<string>()] : References(member.Value)),
        JsonArray items => items.SelectMany(References),
        _ => [],
    };
}
