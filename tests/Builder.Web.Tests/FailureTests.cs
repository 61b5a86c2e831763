using System.Text.Json;
using Builder.Protocol.Values;

namespace Builder.Web.Tests;

/// <summary>Failed builds say why, since when, and who else fails for the same reason.</summary>
public sealed class FailureTests
{
    private static readonly string[] MissingHeader =
    [
        "+ make",
        "cc -c a.c",
        "a.c:1:10: fatal error: gmp.h: No such file or directory",
        "compilation terminated.",
        "make: *** [Makefile:2: a.o] Error 1",
    ];

    [Fact]
    public async Task Failures_of_several_jobs_with_one_error_are_one_group_and_each_says_what_changed()
    {
        await using var site = await Site.FilledAsync();
        await site.AddUsersAsync();
        var good = await UploadAsync(
            site,
            "one",
            0,
            [("bin/one.hvt", "1"u8.ToArray()), ("system-packages", "libgmp-dev=1\nmake=4\n"u8.ToArray())],
            []
        );
        var first = await UploadAsync(site, "one", 1, [("system-packages", "make=4\n"u8.ToArray())], MissingHeader);
        var second = await UploadAsync(site, "one", 2, [("system-packages", "make=4\n"u8.ToArray())], MissingHeader);
        await UploadAsync(site, "two", 3, [], ["x/b.c:7:1: fatal error: gmp.h: No such file or directory"]);
        await site.IndexedAsync();

        using var failures = await JsonAsync(site, "/failed-builds");
        var group = failures.RootElement.GetProperty("groups")[0];
        Assert.Equal("fatal error: gmp.h: No such file or directory", group.GetProperty("title").GetString());
        Assert.Equal(2, group.GetProperty("jobs").GetInt32());

        using var build = await JsonAsync(site, $"/job/one/build/{second}");
        var failure = build.RootElement.GetProperty("failure");
        Assert.Equal(3, failure.GetProperty("line").GetInt64());
        Assert.Equal(good.ToString(), failure.GetProperty("last_good").GetString());
        Assert.Equal(first.ToString(), failure.GetProperty("first_bad").GetString());
        var change = Assert.Single(failure.GetProperty("changes").EnumerateArray());
        Assert.Equal("libgmp-dev", change.GetProperty("name").GetString());

        var page = await site.Http.PageAsync($"/job/one/build/{second}");
        Assert.Contains("gmp.h", page.QuerySelector("#first-error .first")!.TextContent, StringComparison.Ordinal);
        Assert.Contains("3 builds with the same error", page.QuerySelector("#first-error")!.TextContent, StringComparison.Ordinal);
        var list = await site.Http.PageAsync("/failed-builds");
        Assert.Contains("2 jobs", list.QuerySelector("#now")!.TextContent, StringComparison.Ordinal);
        using var triage = await JsonAsync(site, $"/triage/{first}");
        Assert.Equal("gcc", triage.RootElement.GetProperty("tool").GetString());
    }

    [Fact]
    public async Task Same_inputs_once_failed_and_once_not_are_called_flaky()
    {
        await using var site = await Site.FilledAsync();
        await site.AddUsersAsync();
        (string, byte[])[] inputs =
        [
            ("opam-switch", "opam-version: \"2.0\"\n"u8.ToArray()),
            ("build-environment", "A=1\n"u8.ToArray()),
            ("system-packages", "make=4\n"u8.ToArray()),
        ];
        var good = await UploadAsync(site, "one", 0, [("bin/one.hvt", "1"u8.ToArray()), .. inputs], []);
        var bad = await UploadAsync(site, "one", 1, inputs, ["error: connection reset"]);
        await site.IndexedAsync();
        using var build = await JsonAsync(site, $"/job/one/build/{bad}");
        Assert.True(build.RootElement.GetProperty("failure").GetProperty("flaky").GetBoolean());
        var page = await site.Http.PageAsync($"/job/one/build/{good}");
        Assert.Contains("The same inputs failed", page.Body!.TextContent, StringComparison.Ordinal);
    }

    private static async Task<BuildUuid> UploadAsync(
        Site site,
        string job,
        int hour,
        IReadOnlyList<(string, byte[])> files,
        string[] console
    )
    {
        var uuid = BuildUuid.Parse($"00000000-0000-4000-8000-0000000000{hour:00}");
        var exec = await Uploads.ExecAsync(job, uuid, Site.Recorded.AddHours(-10 + hour), files, console);
        using var answer = await site.UploadAsync("admin", "pw-admin", exec);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return uuid;
    }

    private static async Task<JsonDocument> JsonAsync(Site site, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.ParseAdd("application/json");
        using var answer = await site.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
