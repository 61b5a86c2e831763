using System.Net;
using System.Security.Cryptography;
using Builder.Protocol.Values;
using Builder.Storage.Database;

namespace Builder.Web.Tests;

/// <summary>What is found by the first digits of a uuid or a hash.</summary>
public sealed class SearchTests(FilledSite filled) : IClassFixture<FilledSite>
{
    [Theory]
    [InlineData("4e467a")]
    [InlineData("4E467A04-AF65-4B95-9A98")]
    [InlineData("4e467a04-")]
    [InlineData("4b1ecce45c7a…")]
    public async Task The_first_digits_of_a_uuid_or_a_hash_lead_to_their_build(string digits)
    {
        using var answer = await filled.Http.GetAsync($"/search?q={Uri.EscapeDataString(digits)}", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.StartsWith("/job/hello/build/", answer.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("4e467")]
    [InlineData("4e467a04af")]
    [InlineData("4e467a04-af65-4b95-9a98-d426445e1fec")]
    [InlineData("4e467a0-af")]
    [InlineData("zzzzzz")]
    public async Task Too_few_digits_and_those_that_nothing_begins_with_find_nothing(string digits) =>
        Assert.Contains(
            "Nothing found for",
            await filled.Http.GetStringAsync($"/search?q={digits}", TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData(DatabaseEngine.Sqlite)]
    [InlineData(DatabaseEngine.PostgreSql)]
    public async Task All_that_begin_with_the_same_digits_are_shown(DatabaseEngine engine)
    {
        await using var site = await Engines.EmptySiteAsync(engine);
        await site.AddUsersAsync();
        for (var number = 0; number < 22; number++)
        {
            var uuid = BuildUuid.Parse($"abcdef0{(number < 2 ? 0 : 1)}-0000-4000-8000-0000000000{number:00}");
            var exec = await Uploads.ExecAsync("the-abcdef00-job", uuid, Site.Recorded, [("bin/same", "shared by all"u8.ToArray())]);
            using var answer = await site.UploadAsync("admin", "pw-admin", exec);
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        }

        using var two = await site.Http.PageAsync("/search?q=abcdef00");
        Assert.Contains("1 job and 2 builds found", two.Body!.TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("There are more", two.Body!.TextContent, StringComparison.Ordinal);
        Assert.Equal(
            ["abcdef00-0000-4000-8000-000000000000", "abcdef00-0000-4000-8000-000000000001"],
            two.QuerySelectorAll("tbody code").Select(uuid => uuid.TextContent)
        );
        using var all = await site.Http.PageAsync("/search?q=abcdef");
        Assert.Contains("more than 20 builds found", all.Body!.TextContent, StringComparison.Ordinal);
        Assert.Equal(20, all.QuerySelectorAll("tbody code").Length);
        // However many builds share it, a content is one.
        var digest = Convert.ToHexStringLower(SHA256.HashData("shared by all"u8));
        using var file = await site.Http.GetAsync($"/search?q={digest[..12]}", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Redirect, file.StatusCode);
    }
}
