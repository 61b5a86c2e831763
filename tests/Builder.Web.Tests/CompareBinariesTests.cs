using System.Text.Json.Nodes;
using Builder.Protocol.Values;
using Builder.Testing;

namespace Builder.Web.Tests;

public sealed class CompareBinariesTests
{
    internal static readonly BuildUuid Before = BuildUuid.Parse("0b7a53a2-2a3a-4d43-8a0c-5a2fcae2e001");
    internal static readonly BuildUuid After = BuildUuid.Parse("0b7a53a2-2a3a-4d43-8a0c-5a2fcae2e002");

    [Fact]
    public async Task Modules_that_changed_are_shown_with_their_sizes_the_most_changed_first()
    {
        await using var site = await Site.EmptyAsync();
        await StoreAsync(site);
        using var page = await site.Http.PageAsync($"/compare/{Before}/{After}");
        var rows = page.QuerySelectorAll("#binary tbody tr")
            .Select(row => (row.Text("th"), string.Join(" | ", row.Texts("td"))))
            .Where(row => row.Item2.Contains("kB", StringComparison.Ordinal))
            .ToList();
        Assert.Equal(("Mirage_tcpip OCaml", "120 kB | 180 kB | +60 kB"), rows[0]);
        Assert.Equal(("Flow", "60 kB | 120 kB | +60 kB"), rows[1]);
        Assert.Contains(("− Zarith OCaml", "10 kB |  | −10 kB"), rows);
        Assert.Equal("#binary", page.QuerySelectorAll("a.stat")[^1].GetAttribute("href"));
        Assert.Contains("Stdlib", page.Text("#binary details"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Programs_get_modules_where_they_ask_for_them_and_else_what_the_original_gave()
    {
        await using var site = await Site.EmptyAsync();
        await StoreAsync(site);
        Assert.Equal(
            ["left", "right", "env_diff", "package_diff", "opam_diff"],
            (await JsonAsync(site, $"/compare/{Before}/{After}")).AsObject().Select(member => member.Key)
        );
        var modules = (await JsonAsync(site, $"/compare/{Before}/{After}?modules"))["binary_diff"]!["modules"]!.AsArray();
        Assert.Equal("Mirage_tcpip", modules[0]!["name"]!.GetValue<string>());
        Assert.Equal(60_000, modules[0]!["difference"]!.GetValue<long>());
        Assert.Equal("Mirage_tcpip.Flow", modules[0]!["changed_units"]![0]!["name"]!.GetValue<string>());
        Assert.Equal(0, modules.Single(module => module!["name"]!.GetValue<string>() == "Stdlib")!["difference"]!.GetValue<long>());
        // The sizes are those of the whole files.
        Assert.Equal(Image(60).Length, modules.Sum(module => module!["left_size"]!.GetValue<long>()));
    }

    [Fact]
    public async Task A_binary_that_cannot_be_taken_apart_is_named_with_the_reason()
    {
        await using var site = await Site.FilledAsync();
        // Packages, not programs.
        using (var page = await site.Http.PageAsync("/compare/8e144f67-ce89-483b-bee7-8b5c63223ddb/133e9d37-3c30-4617-9db7-e5aef92a24da"))
            Assert.Contains(
                "of the left build, bin/albatross.deb cannot be taken apart (",
                page.Text("#binary .note"),
                StringComparison.Ordinal
            );
        // One side failed.
        using (var page = await site.Http.PageAsync("/compare/4e467a04-af65-4b95-9a98-d426445e1feb/262d7ea5-bbcb-498f-96cf-bc82d800c7cb"))
            Assert.Contains("of the right build, it has no main binary.", page.Text("#binary .note"), StringComparison.Ordinal);
        // The same output: there is nothing to say.
        using (var page = await site.Http.PageAsync("/compare/4e467a04-af65-4b95-9a98-d426445e1feb/8e621bd5-e8d1-4d4e-94c8-f9fd28a5089b"))
            Assert.Null(page.QuerySelector("#binary"));
    }

    internal static async Task StoreAsync(Site site)
    {
        await site.AddUsersAsync();
        await UploadAsync(site, Before, Site.Recorded.AddDays(-1), Image(60));
        await UploadAsync(site, After, Site.Recorded.AddHours(-1), Image(120));
    }

    private static async Task UploadAsync(Site site, BuildUuid uuid, DateTimeOffset started, byte[] image)
    {
        var exec = await Uploads.ExecAsync("tcp", uuid, started, [("bin/tcp.hvt", image)]);
        using var answer = await site.UploadAsync("admin", "pw-admin", exec);
        Assert.Equal(System.Net.HttpStatusCode.Created, answer.StatusCode);
    }

    /// <summary>Not stripped, so it says itself what it is made of.</summary>
    private static byte[] Image(int flow)
    {
        var image = new ElfImage()
            .Unit("Stdlib", 10, 1000, 64)
            .Unit("Mirage_tcpip", 59, 1000, 1000)
            .Unit("Mirage_tcpip__Flow", flow - 1, 1000, 1000);
        return (flow == 60 ? image.Unit("Zarith", 9, 1000, 1000) : image.Unit("Digestif", 5, 1000, 500)).ToArray();
    }

    private static async Task<JsonNode> JsonAsync(Site site, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.ParseAdd("application/json");
        using var answer = await site.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
    }
}
