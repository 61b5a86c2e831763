using System.Net;
using Builder.Protocol.Values;

namespace Builder.Web.Tests;

/// <summary>No page has a character that nobody sees or that turns the order of reading, whatever a build is called, leaves and prints.</summary>
public sealed class HiddenCharactersTests
{
    [Fact]
    public async Task Names_and_lines_of_strangers_read_as_they_are_written()
    {
        await using var site = await Site.EmptyAsync();
        await site.AddUsersAsync();
        var uuid = BuildUuid.NewRandom();
        var exec = await Uploads.ExecAsync(
            "job\u202Eboj",
            uuid,
            Site.Recorded,
            [
                ("bin/rtl\u202Egpj.exe", [1]),
                ("README.md", "# \u202Eread\n\nme &#x202E; \u2066"u8.ToArray()),
                ("zero\u200Bwidth\u2067", [2]),
            ],
            ["plain", "\u202Eline\u2069", "\u001b[31mred\u202E\u001b[0m", "c1 \u009b2J"]
        );
        using var answer = await site.UploadAsync("admin", "pw-admin", exec);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var build = answer.Headers.Location!.OriginalString;
        var job = build[..build.IndexOf("/build/", StringComparison.Ordinal)];
        foreach (
            var page in (string[])
                [
                    "/",
                    "/all-builds",
                    "/failed-builds",
                    job,
                    job + "/failed",
                    build,
                    build + "/log",
                    "/search?q=%E2%80%AEboj",
                    "/job/%E2%80%AEnope",
                ]
        )
        {
            using var found = await site.Http.GetAsync(page, TestContext.Current.CancellationToken);
            var html = await found.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.DoesNotContain(
                html,
                character => character is '\u202E' or '\u2066' or '\u2067' or '\u2069' or '\u200B' or '\u009b' or '\u001b'
            );
            Assert.DoesNotContain("&#x202E;", html, StringComparison.OrdinalIgnoreCase);
        }
        var shown = WebUtility.HtmlDecode(await site.Http.GetStringAsync(build, TestContext.Current.CancellationToken));
        Assert.Contains(@"bin/rtl\u202egpj.exe", shown, StringComparison.Ordinal);
        Assert.Contains(@"zero\u200bwidth\u2067", shown, StringComparison.Ordinal);
        Assert.Contains(@"job\u202eboj", shown, StringComparison.Ordinal);
        var log = WebUtility.HtmlDecode(await site.Http.GetStringAsync(build + "/log", TestContext.Current.CancellationToken));
        Assert.Contains(@"\u202eline\u2069", log, StringComparison.Ordinal);
        Assert.Contains(@"c1 \u009b2J", log, StringComparison.Ordinal);
        // What programs read is as it was: the link leads to the file.
        Assert.Equal([1], await site.Http.GetByteArrayAsync(build + "/f/bin/rtl%E2%80%AEgpj.exe", TestContext.Current.CancellationToken));
    }
}
