using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Builder.Analysis.Advisories;
using Builder.Protocol.Values;
using Builder.Storage;
using Builder.Storage.Database;
using Builder.Storage.Files;
using Builder.Storage.Index;
using Builder.Storage.Maintenance;
using Builder.Storage.Outbox;
using Builder.Testing;
using Builder.Web.Find;
using Microsoft.Extensions.DependencyInjection;

namespace Builder.Web.Tests.Find;

/// <summary>Builds that contain packages are found by them, on both engines, also when they are removed.</summary>
public sealed class FindTests
{
    private static readonly DateTimeOffset Day = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseEngine.Sqlite)]
    [InlineData(DatabaseEngine.PostgreSql)]
    public async Task A_package_leads_to_its_builds_the_last_with_it_and_the_first_without(DatabaseEngine engine)
    {
        await using var site = await Engines.EmptySiteAsync(engine);
        await site.AddUsersAsync();
        var old = await BuildAsync(site, "a", 1, "tls.1.0.3");
        var last = await BuildAsync(site, "a", 2, "tls.1.0.3");
        var next = await BuildAsync(site, "a", 3, "tls.2.1.0");
        var other = await BuildAsync(site, "b", 4, "tls.1.0.4~rc1");
        await site.IndexedAsync();

        var answer = (await JsonAsync(site, "/package/opam/tls?versions=%3C1.0.4"))!;

        Assert.Equal(["2.1.0", "1.0.4~rc1", "1.0.3"], answer["versions"]!.AsArray().Select(one => (string)one!["version"]!));
        Assert.Equal([1, 1, 0], answer["versions"]!.AsArray().Select(one => (int)one!["latest_builds"]!));
        Assert.Equal([1, 1, 2], answer["versions"]!.AsArray().Select(one => (int)one!["builds"]!));
        Assert.Equal("pkg:opam/tls@1.0.3", (string?)answer["versions"]![2]!["purl"]);
        var places = answer["places"]!.AsArray();
        Assert.Equal([("b", true), ("a", false)], places.Select(one => ((string)one!["job"]!, (bool)one["affected"]!)));
        Assert.Equal(last, (string?)places[1]!["last_affected"]!["uuid"]);
        Assert.Equal(next, (string?)places[1]!["first_fixed"]!["uuid"]);
        Assert.Equal(next, (string?)places[1]!["latest"]!["uuid"]);
        Assert.Equal(2, (int)places[1]!["builds"]!);
        Assert.Equal(other, (string?)places[0]!["latest"]!["uuid"]);
        Assert.Null(await JsonAsync(site, "/package/opam/nope"));
        Assert.Null(await JsonAsync(site, "/package/npm/tls"));
        Assert.NotEqual(old, last);
    }

    [Theory]
    [InlineData(DatabaseEngine.Sqlite)]
    [InlineData(DatabaseEngine.PostgreSql)]
    public async Task A_removed_build_still_says_what_it_contained(DatabaseEngine engine)
    {
        await using var site = await Engines.EmptySiteAsync(engine);
        await site.AddUsersAsync();
        var removed = await BuildAsync(site, "a", 1, "tls.1.0.3");
        await BuildAsync(site, "a", 2, "tls.2.1.0");
        await site.IndexedAsync();

        await using (var storage = await BuilderStorage.OpenAsync(site.Database, TimeProvider.System, Stop))
        {
            var removal = new BuildRemoval(storage, TimeProvider.System);
            await removal.RemoveAsync(await removal.SelectAsync(new RemovalSelection.ExceptLatest(1), Stop), null, Stop);
        }

        var place = (await JsonAsync(site, "/package/opam/tls/1.0.3"))!["places"]![0]!;
        Assert.Equal(removed, (string?)place["last_affected"]!["uuid"]);
        Assert.False((bool)place["affected"]!);
    }

    [Fact]
    public async Task An_index_that_was_cut_off_goes_on_and_counts_no_build_twice()
    {
        await using var site = await Site.EmptyAsync();
        await site.AddUsersAsync();
        for (var day = 1; day <= 3; day++)
            await BuildAsync(site, "a", day, "tls.1.0.3");
        await site.IndexedAsync();
        await using var storage = await BuilderStorage.OpenAsync(site.Database, TimeProvider.System, Stop);
        var index = new PackageIndex(storage.Database, storage.Artifacts);
        Assert.Equal(0, await index.RemainingAsync(Stop));
        // As a process that was killed before the last build leaves it.
        await storage.Database.WriteAsync(session => session.ExecuteAsync("DELETE FROM package_use", Stop), Stop);
        await storage.Database.WriteAsync(session => session.ExecuteAsync("UPDATE package_progress SET build = 0", Stop), Stop);

        Assert.Equal(3, await index.RemainingAsync(Stop));
        Assert.Equal(3, await index.AdvanceAsync(Stop));
        Assert.Equal(0, await index.AdvanceAsync(Stop));

        Assert.Equal(3, (int)(await JsonAsync(site, "/package/opam/tls"))!["places"]![0]!["builds"]!);
    }

    [Fact]
    public async Task A_module_is_found_by_its_name_and_the_search_leads_to_packages()
    {
        await using var site = await Site.EmptyAsync();
        await site.AddUsersAsync();
        await BuildAsync(site, "a", 1, "tls.1.0.3", new ElfImage().Unit("Tls", 1, 16, 8).ToArray());
        await site.IndexedAsync();

        Assert.Equal("a", (string?)(await JsonAsync(site, "/package/module/Tls"))!["places"]![0]!["job"]);
        using var redirect = await site.Http.GetAsync("/search?q=opam%3Atls%3C2", Stop);
        Assert.Equal("/package/opam/tls?versions=%3C2", redirect.Headers.Location?.OriginalString);
        Assert.Contains("Tls", await site.Http.GetStringAsync("/search?q=T", Stop), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DatabaseEngine.Sqlite)]
    [InlineData(DatabaseEngine.PostgreSql)]
    public async Task An_advisory_that_applies_to_a_latest_build_is_an_event_once(DatabaseEngine engine)
    {
        await using var site = await Engines.EmptySiteAsync(engine);
        await site.AddUsersAsync();
        await BuildAsync(site, "a", 1, "tls.2.0.1");
        await BuildAsync(site, "b", 1, "tls.2.1.0");
        await site.IndexedAsync();
        var events = site.Web.Services.GetRequiredService<AdvisoryEvents>();
        await events.LookAsync(Stop);
        Assert.Empty(await MatchedAsync(site));

        await ImportAsync(site, "OSEC-2026-06", """affected: "tls" {< "2.1.0"}""");
        await events.LookAsync(Stop);
        await events.LookAsync(Stop);

        var matched = Assert.Single(await MatchedAsync(site));
        Assert.Equal(("a", "debian-12"), (matched.Job, matched.Platform));
        var data = JsonNode.Parse(matched.Data)!;
        Assert.Equal(
            ("OSEC-2026-06", "tls", "2.0.1", "2.1.0"),
            ((string?)data["advisory"], (string?)data["package"], (string?)data["package_version"], (string?)data["fixed"])
        );
        // A build that is stored later brings the job in.
        await BuildAsync(site, "b", 2, "tls.2.0.9");
        await site.IndexedAsync();
        await events.LookAsync(Stop);
        Assert.Equal(["a", "b"], (await MatchedAsync(site)).Select(static one => one.Job));
        // Another process, or this one after a restart, knows what was recorded.
        await using var other = await site.AgainAsync();
        await other.Services.GetRequiredService<AdvisoryEvents>().LookAsync(Stop);
        Assert.Equal(2, (await MatchedAsync(site)).Count);
    }

    [Fact]
    public async Task Advisories_of_the_directory_stand_on_their_page_in_the_feed_and_on_each_build()
    {
        await using var site = await Site.EmptyAsync();
        await site.AddUsersAsync();
        var build = await BuildAsync(site, "a", 1, "tls.2.0.1", new ElfImage().Unit("Other", 1, 16, 8).ToArray());
        var clean = await BuildAsync(site, "b", 1, "tls.2.1.0");
        await site.IndexedAsync();
        await ImportAsync(site, "OSEC-2026-06", """affected: "tls" {< "2.1.0"}""", "affected_bindings: [\"Tls.f\"]");

        var list = (await JsonAsync(site, "/advisories"))!["advisories"]!.AsArray();
        Assert.Equal(("OSEC-2026-06", 1), ((string)list.Single()!["id"]!, (int)list.Single()!["affected_latest_builds"]!));
        var match = (await JsonAsync(site, $"/job/a/build/{build}/advisories"))!["advisories"]!.AsArray().Single()!;
        Assert.Equal(("tls", "2.0.1", "2.1.0"), ((string)match["package"]!, (string)match["version"]!, (string)match["fixed"]!));
        Assert.False((bool)match["module_linked"]!);
        Assert.Empty((await JsonAsync(site, $"/job/b/build/{clean}/advisories"))!["advisories"]!.AsArray());
        using var redirect = await site.Http.GetAsync($"/build/{build}/advisories", Stop);
        Assert.Equal($"/job/a/build/{build}/advisories", redirect.Headers.Location?.OriginalString);

        var page = await site.Http.GetStringAsync($"/job/a/build/{build}", Stop);
        Assert.Contains("href=\"/advisories/OSEC-2026-06\"", page, StringComparison.Ordinal);
        Assert.Contains("the affected module is not linked", page, StringComparison.Ordinal);
        Assert.Contains("A fault", await site.Http.GetStringAsync("/advisories/OSEC-2026-06", Stop), StringComparison.Ordinal);
        Assert.Contains("<entry", await site.Http.GetStringAsync("/advisories.atom", Stop), StringComparison.Ordinal);
        Assert.Null(await JsonAsync(site, "/advisories/NOPE"));
    }

    [Fact]
    public async Task A_dismissal_is_shown_and_not_counted()
    {
        await using var site = await Site.EmptyAsync();
        await site.AddUsersAsync();
        var build = await BuildAsync(site, "a", 1, "tls.2.0.1");
        await site.IndexedAsync();
        await ImportAsync(site, "OSEC-1", """affected: "tls" """);

        await AdvisoryStore.DismissAsync(
            new DataDirectory(site.DataDirectory),
            new Dismissal("OSEC-1", "a", "only <clients> are", "2026-11-01T00:00:00Z"),
            Stop
        );
        site.Clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(0, (int)(await JsonAsync(site, "/advisories/OSEC-1"))!["affected_latest_builds"]!);
        Assert.Contains(
            "only &lt;clients&gt; are",
            await site.Http.GetStringAsync($"/job/a/build/{build}", Stop),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_build_without_any_list_of_packages_is_not_called_free_of_advisories()
    {
        await using var site = await Site.EmptyAsync();
        await site.AddUsersAsync();
        var build = await BuildAsync(site, "a", 1, null);
        await site.IndexedAsync();
        await ImportAsync(site, "OSEC-1", """affected: "tls" """);

        using var answer = await GetJsonAsync(site, $"/job/a/build/{build}/advisories");

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
    }

    private static async Task<string> BuildAsync(Site site, string job, int day, string? package, byte[]? main = null)
    {
        var uuid = BuildUuid.Parse(Guid.NewGuid().ToString());
        var files = new List<(string, byte[])> { ($"bin/{job}", main ?? Encoding.UTF8.GetBytes($"{job} {day}")) };
        if (package is not null)
            files.Add(("opam-switch", Encoding.UTF8.GetBytes($"roots: [\"{package}\"]\ninstalled: [\"{package}\" \"ocaml.5.2.1\"]\n")));
        var exec = await Uploads.ExecAsync(job, uuid, Day.AddDays(day), files);
        using var answer = await site.UploadAsync("admin", "pw-admin", exec);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return uuid.ToString();
    }

    private static async Task ImportAsync(Site site, string id, params string[] fields)
    {
        var collection = new AdvisoryCollection(problem => Assert.Fail(problem), keepsSources: true);
        collection.Add(
            new MemoryStream(Encoding.UTF8.GetBytes($"```\nid: {id}\n{string.Join('\n', fields)}\n```\n\n# A fault\n\nText.\n")),
            $"{id}.md"
        );
        Assert.Equal((1, 0), await AdvisoryStore.ImportAsync(new DataDirectory(site.DataDirectory), collection, Stop));
        site.Clock.Advance(TimeSpan.FromSeconds(5));
    }

    private static async Task<JsonNode?> JsonAsync(Site site, string address)
    {
        using var answer = await GetJsonAsync(site, address);
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return null;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop));
    }

    private static async Task<HttpResponseMessage> GetJsonAsync(Site site, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        return await site.Http.SendAsync(request, Stop);
    }

    private static async Task<List<OutboxEvent>> MatchedAsync(Site site)
    {
        await using var storage = await BuilderStorage.OpenAsync(site.Database, TimeProvider.System, Stop);
        await using var session = await storage.Database.OpenReadAsync(Stop);
        return [.. (await OutboxEvents.AfterAsync(session, 0, 1000, Stop)).Where(static one => one.Kind == EventKind.AdvisoryMatched)];
    }
}
