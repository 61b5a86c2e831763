using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Builder.Protocol.Values;
using Builder.Storage;
using Builder.Storage.Database;
using Builder.Storage.Maintenance;
using Builder.Testing;

namespace Builder.Web.Tests.Find;

/// <summary>Lines of consoles and symbols of binaries lead to their builds, on both engines.</summary>
public sealed class TextSearchTests
{
    private static readonly DateTimeOffset Day = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseEngine.Sqlite)]
    [InlineData(DatabaseEngine.PostgreSql)]
    public async Task A_line_leads_to_the_newest_console_of_each_job_and_to_all_of_one_job(DatabaseEngine engine)
    {
        await using var site = await Engines.EmptySiteAsync(engine);
        await site.AddUsersAsync();
        var first = await BuildAsync(site, "a", 1, ["start", "ld: Undefined reference to `f'"]);
        var second = await BuildAsync(site, "a", 2, ["start", "then", "ld: undefined reference to `f'", "undefined reference again"]);
        await BuildAsync(site, "a", 3, ["start", "all is well", "undefined", "reference"]);
        var other = await BuildAsync(site, "b", 4, ["<undefined reference>"]);
        await site.IndexedAsync();

        var found = (await JsonAsync(site, "/search?q=%22undefined+REFERENCE%22"))!["consoles"]!;

        Assert.Equal(4, (int)found["consoles"]!);
        Assert.True((bool)found["complete"]!);
        Assert.Equal(
            [("b", other, 1, 1, true, 0), ("a", second, 3, 2, false, 1)],
            found["places"]!
                .AsArray()
                .Select(place =>
                    (
                        (string)place!["job"]!,
                        (string)place["build"]!["uuid"]!,
                        (int)place["line"]!,
                        (int)place["lines"]!,
                        (bool)place["latest"]!,
                        (int)place["other_builds"]!
                    )
                )
        );
        Assert.Equal("ld: undefined reference to `f'", (string)found["places"]![1]!["line_text"]!);
        var ofJob = (await JsonAsync(site, "/search?q=text:undefined%20reference&job=a"))!["consoles"]!["places"]!.AsArray();
        Assert.Equal([second, first], ofJob.Select(place => (string)place!["build"]!["uuid"]!));
        var page = await site.Http.GetStringAsync("/search?q=%22undefined+reference%22", Stop);
        Assert.Contains($"/job/a/build/{second}/log?from=1#L3", page, StringComparison.Ordinal);
        Assert.Contains("&lt;undefined reference&gt;", page, StringComparison.Ordinal);
        // Beside jobs and packages, too.
        Assert.Equal(2, (await JsonAsync(site, "/search?q=undefined+reference"))!["consoles"]!["places"]!.AsArray().Count);
        Assert.Empty((await JsonAsync(site, "/search?q=%22nowhere+at+all%22"))!["consoles"]!["places"]!.AsArray());
    }

    [Theory]
    [InlineData("%22ab%22", HttpStatusCode.BadRequest)]
    [InlineData("%22abc%22", HttpStatusCode.OK)]
    [InlineData("text:", HttpStatusCode.BadRequest)]
    [InlineData("%22a%0Ab%22", HttpStatusCode.BadRequest)]
    [InlineData("%22%C3%BC%C3%BC%22", HttpStatusCode.OK)]
    [InlineData("symbol:", HttpStatusCode.OK)]
    [InlineData("symbol:nothing", HttpStatusCode.OK)]
    public async Task A_text_has_three_bytes_at_least_on_one_line(string query, HttpStatusCode expected)
    {
        await using var site = await Site.EmptyAsync();
        using var answer = await site.Http.GetAsync($"/search?q={query}", Stop);
        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task Without_an_index_the_site_says_so()
    {
        await using var site = await Site.EmptyAsync(static options => options with { TextIndexSize = 0 });
        await site.AddUsersAsync();
        await BuildAsync(site, "a", 1, ["a line"]);
        await site.IndexedAsync();

        using var answer = await site.Http.GetAsync("/search?q=%22a+line%22", Stop);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("--text-index", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.Null((await JsonAsync(site, "/search?q=a+line"))!["consoles"]);
    }

    [Theory]
    [InlineData(DatabaseEngine.Sqlite)]
    [InlineData(DatabaseEngine.PostgreSql)]
    public async Task A_symbol_and_a_library_lead_to_builds_also_to_removed_ones(DatabaseEngine engine)
    {
        await using var site = await Engines.EmptySiteAsync(engine);
        await site.AddUsersAsync();
        var with = new ElfImage().Unit("Tls", 2, 16, 8).Function("__gmpz_add", 32).ToArray();
        var without = new ElfImage().Unit("Tls", 1, 16, 8).Function("other", 32).ToArray();
        var removed = await BuildAsync(site, "a", 1, ["x"], with);
        var next = await BuildAsync(site, "a", 2, ["x"], without);
        await BuildAsync(site, "b", 3, ["x"], [.. with, 0]);
        await site.IndexedAsync();
        await using (var storage = await BuilderStorage.OpenAsync(site.Database, TimeProvider.System, Stop))
        {
            var removal = new BuildRemoval(storage, TimeProvider.System);
            await removal.RemoveAsync(await removal.SelectAsync(new RemovalSelection.ExceptLatest(1), Stop), null, Stop);
        }

        foreach (var address in (string[])["/symbol/__gmpz_add", "/package/lib/gmp"])
        {
            var places = (await JsonAsync(site, address))!["places"]!.AsArray();
            Assert.Equal([("b", true), ("a", false)], places.Select(one => ((string)one!["job"]!, (bool)one["affected"]!)));
            Assert.Equal(removed, (string?)places[1]!["last_affected"]!["uuid"]);
            Assert.Equal(next, (string?)places[1]!["first_fixed"]!["uuid"]);
        }
        Assert.Equal(2, (await JsonAsync(site, "/symbol/camlTls__f0"))!["places"]!.AsArray().Count);
        Assert.Equal(2, (await JsonAsync(site, "/symbol/camlTls__f0_100"))!["places"]!.AsArray().Count);
        Assert.Null(await JsonAsync(site, "/symbol/nowhere"));
        using var redirect = await site.Http.GetAsync("/search?q=symbol:__gmpz_add", Stop);
        Assert.Equal("/symbol/__gmpz_add", redirect.Headers.Location?.OriginalString);
        Assert.Equal(3, (int)(await JsonAsync(site, "/search?q=camlTls__f0"))!["symbol"]!["binaries"]!);
        Assert.Contains("symbol", await site.Http.GetStringAsync("/symbol/__gmpz_add", Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_symbols_of_a_stripped_binary_are_in_the_file_beside_it()
    {
        await using var site = await Site.EmptyAsync();
        await site.AddUsersAsync();
        var uuid = BuildUuid.Parse(Guid.NewGuid().ToString());
        var exec = await Uploads.ExecAsync(
            "unikernel",
            uuid,
            Day,
            [
                ("bin/k.hvt", new ElfImage().ToArray()),
                ("k.hvt.debug", new ElfImage().Unit("Tls", 1, 16, 8).ToArray()),
                ("other.debug", new ElfImage().Unit("Other", 1, 16, 8).ToArray()),
            ]
        );
        using var answer = await site.UploadAsync("admin", "pw-admin", exec);
        await site.IndexedAsync();

        Assert.Equal(uuid.ToString(), (string?)(await JsonAsync(site, "/package/module/Tls"))!["places"]![0]!["latest"]!["uuid"]);
        Assert.True((bool)(await JsonAsync(site, "/symbol/camlTls__f0"))!["places"]![0]!["affected"]!);
        Assert.Null(await JsonAsync(site, "/package/module/Other"));
    }

    [Fact]
    public async Task The_search_field_offers_jobs_packages_modules_and_libraries()
    {
        await using var site = await Site.EmptyAsync();
        await site.AddUsersAsync();
        await BuildAsync(site, "dns-primary", 1, ["x"], new ElfImage().Unit("Primary", 2, 16, 8).Function("solo5_app", 32).ToArray());
        await site.IndexedAsync();

        Assert.Equal([("dns-primary", "job", "/job/dns-primary")], Suggestions((await JsonAsync(site, "/search/suggestions?q=prim"))!));
        Assert.Equal(
            [("Primary", "module", "/package/module/Primary")],
            Suggestions((await JsonAsync(site, "/search/suggestions?q=Primar"))!).Skip(1)
        );
        Assert.Equal([("solo5", "lib", "/package/lib/solo5")], Suggestions((await JsonAsync(site, "/search/suggestions?q=sol"))!));
        Assert.Empty((await JsonAsync(site, "/search/suggestions?q="))!.AsArray());
    }

    private static IEnumerable<(string, string, string)> Suggestions(JsonNode answer) =>
        answer.AsArray().Select(one => ((string)one!["text"]!, (string)one["group"]!, (string)one["href"]!));

    private static async Task<string> BuildAsync(Site site, string job, int day, string[] console, byte[]? main = null)
    {
        var uuid = BuildUuid.Parse(Guid.NewGuid().ToString());
        var files = new List<(string, byte[])> { ($"bin/{job}", main ?? [(byte)day, 1, 2]) };
        var exec = await Uploads.ExecAsync(job, uuid, Day.AddDays(day), files, console);
        using var answer = await site.UploadAsync("admin", "pw-admin", exec);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return uuid.ToString();
    }

    private static async Task<JsonNode?> JsonAsync(Site site, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        using var answer = await site.Http.SendAsync(request, Stop);
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return null;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop));
    }
}
