using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Builder.Protocol.Values;
using Builder.Storage;
using Builder.Storage.Accounts;
using Builder.Storage.Database;
using Builder.Storage.Maintenance;

namespace Builder.Web.Tests;

/// <summary>A site that has answered before says at every moment what one that was just started says.</summary>
public sealed class KeptPageTests
{
    private static readonly string[] Pages =
    [
        "/",
        "/all-builds",
        "/failed-builds",
        "/search?q=hello",
        "/job/hello",
        "/job/hello/failed",
        "/job/hello?platform=debian-12",
        "/job/expired-job",
        "/job/manual",
        "/job/hello/build/latest",
        "/job/manual/build/latest",
        "/job/hello/build/4e467a04-af65-4b95-9a98-d426445e1feb",
        "/job/expired-job/build/149603e6-c035-4636-aa8d-a23f624db945",
        "/compare/4e467a04-af65-4b95-9a98-d426445e1feb/8e621bd5-e8d1-4d4e-94c8-f9fd28a5089b",
        "/hash?sha256=4b1ecce45c7af07315755d0032e8c0d679fcaa79767e67a9e60991f376047ac8",
    ];

    [Fact]
    public async Task Pages_kept_are_the_pages_made_anew_whatever_was_written()
    {
        await using var site = await Site.FilledAsync();
        await using var storage = await BuilderStorage.OpenAsync(
            new DatabaseSettings(site.DataDirectory),
            site.Clock,
            TestContext.Current.CancellationToken
        );
        var users = new UserAdministration(storage.Database);
        await ComparePagesAsync(site, "as it was filled");

        await users.AddAsync("kept", "pw", isRestricted: false, new ScryptParameters(16, 1, 1), TestContext.Current.CancellationToken);
        await ComparePagesAsync(site, "after a user was added");

        await UploadAsync(site, "hello");
        await ComparePagesAsync(site, "after one build");

        await UploadAsync(site, "manual");
        await UploadAsync(site, "hello");
        await ComparePagesAsync(site, "after two builds of two jobs");

        await UploadAsync(site, "manual");
        await RemoveAsync(storage, site, new RemovalSelection.OlderThan(Timestamp.From(Site.Recorded.AddYears(-1))));
        await ComparePagesAsync(site, "after a build and the removal of an old one");

        await UploadAsync(site, "hello");
        await users.AddAccessAsync("kept", JobName.Parse("hello"), TestContext.Current.CancellationToken);
        await ComparePagesAsync(site, "after a build and a right");

        await RemoveAsync(storage, site, new RemovalSelection.ExceptLatest(1) { Jobs = [JobName.Parse("manual")] });
        await ComparePagesAsync(site, "after the removal of all but one build");

        site.Clock.Advance(TimeSpan.FromMinutes(3));
        await ComparePagesAsync(site, "three minutes later");

        site.Clock.Advance(TimeSpan.FromDays(40));
        await ComparePagesAsync(site, "when builds are too old for the front page");
    }

    private static async Task ComparePagesAsync(Site site, string when)
    {
        await using var fresh = await site.AgainAsync();
        await site.IndexedAsync();
        await Site.IndexedAsync(fresh);
        foreach (var page in Pages)
        {
            var expected = await GetAsync(fresh.Address, page);
            Assert.True(expected == await GetAsync(site.Http.BaseAddress!, page), $"{page} differs {when}");
            Assert.True(expected == await GetAsync(site.Http.BaseAddress!, page), $"{page} differs {when} when asked again");
        }

        async Task<string> GetAsync(Uri address, string page)
        {
            using var answer = await site.Http.GetSettledAsync(new Uri(address, page));
            return $"{answer.StatusCode} {answer.Headers.Location} {(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Replace(address.Authority, "SITE", StringComparison.Ordinal)}";
        }
    }

    private static async Task UploadAsync(Site site, string job)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/job/{job}/platform/debian-12/upload");
        request.Content = new ByteArrayContent(RandomNumberGenerator.GetBytes(100));
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("kept:pw")));
        using var answer = await site.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    private static async Task RemoveAsync(BuilderStorage storage, Site site, RemovalSelection selection)
    {
        var removal = new BuildRemoval(storage, site.Clock);
        var builds = await removal.SelectAsync(selection, TestContext.Current.CancellationToken);
        Assert.NotEmpty(builds);
        await removal.RemoveAsync(builds, progress: null, TestContext.Current.CancellationToken);
    }
}
