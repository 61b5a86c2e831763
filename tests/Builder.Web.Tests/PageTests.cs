using System.Net;

namespace Builder.Web.Tests;

/// <summary>What the pages say, on the data of the reference.</summary>
public sealed class PageTests(FilledSite filled) : IClassFixture<FilledSite>
{
    private const string Hello = "/job/hello/build/";

    [Fact]
    public async Task Home_is_a_matrix_of_jobs_and_platforms_with_a_verdict_in_each_cell()
    {
        using var page = await filled.Http.PageAsync("/");
        Assert.Equal(
            ["Unikernels (with metrics reported to Influx)", "Unikernels", "Packages", "Uncategorized"],
            page.Texts("details[data-group] h2")
        );
        var hello = page.QuerySelectorAll(".matrix tbody tr").Single(row => row.QuerySelector("a.job")!.TextContent == "hello");
        Assert.Equal(["not reproducible", "reproduced ×3"], hello.Texts(".badge"));
        Assert.DoesNotContain("expired-job", page.Texts("a.job"));
    }

    [Fact]
    public async Task All_builds_are_shown_however_old() =>
        Assert.Contains("expired-job", (await filled.Http.PageAsync("/all-builds")).Texts("a.job"));

    [Theory]
    [InlineData("4e467a04-af65-4b95-9a98-d426445e1feb", "not reproducible", "Reproduced by 3 builds")]
    [InlineData("6d9548e1-deee-4211-9eb2-c3c32eeb4dc0", "not reproducible", "Reproduction")]
    [InlineData("de9aa117-ee32-4e5c-9f5e-4af061420a4b", "built once", "Reproduction")]
    [InlineData("400de0f8-a250-4b60-90ac-3428a3ca3ec2", "reproduced by 3 builds", "Reproduced by 3 builds")]
    public async Task A_build_says_first_whether_it_can_be_trusted(string build, string verdict, string reproduction)
    {
        using var page = await filled.Http.PageAsync(Hello + build);
        Assert.Equal(verdict, page.Text(".head .badge"));
        Assert.Equal(reproduction, page.Text("#reproducibility > h2"));
    }

    [Fact]
    public async Task Verdicts_never_look_at_other_jobs()
    {
        // The same main binary as a build of dns-primary, and the same input as builds of exit1bin and zero-bin.
        using var page = await filled.Http.PageAsync("/job/dns-primary/build/7e54e458-4231-4715-b54e-37084809fbf9");
        Assert.Equal("built once", page.Text(".head .badge"));
        Assert.DoesNotContain(
            page.QuerySelectorAll("a[href]"),
            link => link.GetAttribute("href")!.StartsWith("/job/hello", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_failed_build_names_the_last_good_one()
    {
        using var page = await filled.Http.PageAsync(Hello + "262d7ea5-bbcb-498f-96cf-bc82d800c7cb");
        Assert.Equal("failed", page.Text(".head .badge"));
        Assert.Contains("failed (exit code 1)", page.Text(".head p"), StringComparison.Ordinal);
        Assert.Equal(
            "/compare/de9aa117-ee32-4e5c-9f5e-4af061420a4b/262d7ea5-bbcb-498f-96cf-bc82d800c7cb",
            page.QuerySelector("#first-error a[href^='/compare/']")!.GetAttribute("href")
        );
    }

    [Fact]
    public async Task A_unikernel_says_what_runs_it_and_which_devices_it_wants()
    {
        using var page = await filled.Http.PageAsync("/job/dns-primary/build/9d950768-3600-4b44-96b2-06d56dc27c4c");
        Assert.Contains("Solo5 spt 2 · net service", page.Text("#artifacts"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_with_spaces_and_signs_can_be_followed_and_fetched()
    {
        using var page = await filled.Http.PageAsync("/job/noswitch/build/234909ec-2b31-4ec1-8989-73c0f82fbd1b");
        var addresses = page.QuerySelectorAll("#artifacts tbody a").Select(link => link.GetAttribute("href")!).ToList();
        Assert.Contains("/job/noswitch/build/234909ec-2b31-4ec1-8989-73c0f82fbd1b/f/weird%20name%20%231%3F.txt", addresses);
        foreach (var address in addresses)
        {
            using var answer = await filled.Http.GetAsync(address, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Every_link_on_every_page_leads_somewhere()
    {
        var ahead = new Queue<string>(["/", "/all-builds"]);
        var seen = new HashSet<string>(ahead);
        while (ahead.TryDequeue(out var address))
        {
            using var answer = await filled.Http.GetAsync(address, TestContext.Current.CancellationToken);
            // A picture that cannot be drawn says why in its frame; so does a .buildinfo file of what only has the name of a package.
            var mayRefuse =
                address.Contains("/viz", StringComparison.Ordinal)
                || address.EndsWith("/buildinfo", StringComparison.Ordinal)
                    && (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Contains(
                        "cannot be read as a Debian package",
                        StringComparison.Ordinal
                    );
            Assert.True((int)answer.StatusCode is 200 or 302 or 307 || mayRefuse, $"{address} answers {answer.StatusCode}");
            if (answer.Content.Headers.ContentType?.MediaType != "text/html" || address.Contains("/f/", StringComparison.Ordinal))
                continue;
            using var page = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(
                await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)
            );
            foreach (
                var link in page.QuerySelectorAll("[href], [src]").Select(link => link.GetAttribute("href") ?? link.GetAttribute("src")!)
            )
            {
                var target = link.Split('#')[0];
                if (target.StartsWith('#') || target.Length == 0)
                    Assert.True(
                        link.Length < 2
                            || page.GetElementById(link[1..]) is not null
                            || address.StartsWith("/compare/", StringComparison.Ordinal),
                        $"{address} has a link to {link}, which is not on it"
                    );
                else if (seen.Add(target))
                    ahead.Enqueue(target);
            }
        }
        Assert.True(seen.Count > 150, $"only {seen.Count} addresses were found");
    }

    [Fact]
    public async Task Pages_are_compressed_where_that_is_welcome_and_the_same()
    {
        var plain = await filled.Http.GetByteArrayAsync("/failed-builds", TestContext.Current.CancellationToken);
        foreach (var coding in new[] { "gzip", "br" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/failed-builds");
            request.Headers.AcceptEncoding.ParseAdd(coding);
            using var answer = await filled.Http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal([coding], answer.Content.Headers.ContentEncoding);
            await using var body = await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
            await using Stream decoded =
                coding == "br"
                    ? new System.IO.Compression.BrotliStream(body, System.IO.Compression.CompressionMode.Decompress)
                    : new System.IO.Compression.GZipStream(body, System.IO.Compression.CompressionMode.Decompress);
            var whole = new MemoryStream();
            await decoded.CopyToAsync(whole, TestContext.Current.CancellationToken);
            Assert.Equal(plain, whole.ToArray());
        }
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/job/hello")]
    [InlineData("/job/hello/build/4e467a04-af65-4b95-9a98-d426445e1feb")]
    [InlineData("/job/hello/build/4e467a04-af65-4b95-9a98-d426445e1feb/f/opam-switch")]
    [InlineData("/job/hello/build/4e467a04-af65-4b95-9a98-d426445e1feb/console")]
    [InlineData("/job/hello/build/4e467a04-af65-4b95-9a98-d426445e1feb/log")]
    [InlineData("/job/hello/build/4e467a04-af65-4b95-9a98-d426445e1feb/exec")]
    [InlineData("/job/hello/build/4e467a04-af65-4b95-9a98-d426445e1feb/all.tar.gz")]
    [InlineData("/job/hello/build/4e467a04-af65-4b95-9a98-d426445e1feb/main-binary")]
    [InlineData("/job/hello/build/4e467a04-af65-4b95-9a98-d426445e1feb/vizdependencies")]
    [InlineData("/job/hello/build/4e467a04-af65-4b95-9a98-d426445e1feb/f/nope")]
    [InlineData("/job/hello/build/latest/f/bin/hello.hvt")]
    [InlineData("/job/hello/")]
    [InlineData("/hash?sha256=x")]
    [InlineData("/robots.txt")]
    [InlineData("/openapi.json")]
    [InlineData("/nope")]
    public async Task HEAD_says_what_GET_would_without_the_body_and_both_are_safe(string address)
    {
        using var get = await filled.Http.GetAsync(
            address,
            HttpCompletionOption.ResponseHeadersRead,
            TestContext.Current.CancellationToken
        );
        using var request = new HttpRequestMessage(HttpMethod.Head, address);
        using var head = await filled.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(get.StatusCode, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Equal(get.Headers.Location, head.Headers.Location);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        foreach (var answer in new[] { get, head })
        {
            Assert.StartsWith("default-src 'none'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal("same-origin", answer.Headers.GetValues("Referrer-Policy").Single());
            Assert.True(answer.Headers.Contains("Permissions-Policy"));
        }
    }

    [Theory]
    [InlineData("bytes=0-99", 206, "bytes 0-99/7000", 100)]
    [InlineData("bytes=6990-", 206, "bytes 6990-6999/7000", 10)]
    [InlineData("bytes=-5", 206, "bytes 6995-6999/7000", 5)]
    [InlineData("bytes=6999-99999", 206, "bytes 6999-6999/7000", 1)]
    [InlineData("bytes=7000-", 416, "bytes */7000", null)]
    [InlineData("bytes=0-1,5-6", 200, null, 7000)]
    [InlineData("lines=0-1", 200, null, 7000)]
    public async Task Ranges_of_an_artifact(string range, int status, string? contentRange, int? length)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Hello + "4e467a04-af65-4b95-9a98-d426445e1feb/f/bin/hello.hvt");
        request.Headers.TryAddWithoutValidation("Range", range);
        using var answer = await filled.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(contentRange, answer.Content.Headers.ContentRange?.ToString());
        if (length is not null)
            Assert.Equal(length, (await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Length);
    }

    [Theory]
    [InlineData("/f/bin/hello.hvt", "{tag}", 200)]
    [InlineData("/f/bin/hello.hvt", "*", 200)]
    [InlineData("/f/bin/hello.hvt", "\"other\", {tag}", 200)]
    [InlineData("/f/bin/hello.hvt", "\"other\"", 412)]
    [InlineData("/f/bin/hello.hvt", "W/{tag}", 412)]
    [InlineData("/all.tar.gz", "{tag}", 200)]
    [InlineData("/exec", "\"other\"", 412)]
    public async Task Only_what_If_Match_names_is_sent(string path, string tags, int status)
    {
        var address = Hello + "4e467a04-af65-4b95-9a98-d426445e1feb" + path;
        using var before = await filled.Http.GetAsync(address, TestContext.Current.CancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.TryAddWithoutValidation(
            "If-Match",
            tags.Replace("{tag}", before.Headers.ETag!.ToString(), StringComparison.Ordinal)
        );
        using var answer = await filled.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(status == 200, answer.Headers.ETag is not null);
    }

    [Fact]
    public async Task An_uploaded_page_cannot_run_in_the_origin_of_the_site()
    {
        using var answer = await filled.Http.GetAsync(
            "/job/noswitch/build/234909ec-2b31-4ec1-8989-73c0f82fbd1b/f/doc/page.html",
            TestContext.Current.CancellationToken
        );
        Assert.Equal("text/html; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("sandbox;", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("allow-scripts", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task Pages_allow_nothing_inline()
    {
        using var answer = await filled.Http.GetAsync("/", TestContext.Current.CancellationToken);
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        using var page = await filled.Http.PageAsync("/");
        Assert.Empty(page.QuerySelectorAll("[style], style, script:not([src])"));
    }

    [Fact]
    public async Task Each_page_has_a_title_of_its_own_headings_in_order_and_names_for_all_that_can_be_used()
    {
        string[] addresses =
        [
            "/",
            "/all-builds",
            "/job/hello",
            "/job/hello?platform=debian-12",
            "/job/hello/failed",
            "/job/onlyfail",
            Hello + "4e467a04-af65-4b95-9a98-d426445e1feb",
            "/job/noswitch/build/234909ec-2b31-4ec1-8989-73c0f82fbd1b",
            Hello + "262d7ea5-bbcb-498f-96cf-bc82d800c7cb",
            Hello + "262d7ea5-bbcb-498f-96cf-bc82d800c7cb/log",
            "/compare/de9aa117-ee32-4e5c-9f5e-4af061420a4b/4e467a04-af65-4b95-9a98-d426445e1feb",
            "/failed-builds",
            "/failed-builds?platform=debian-12",
            "/activity",
            "/log",
            "/search",
            "/search?q=unikernel",
            "/api",
            "/nope",
            "/hash?sha256=x",
        ];
        var titles = new List<string?>();
        foreach (var address in addresses)
        {
            using var answer = await filled.Http.GetAsync(address, TestContext.Current.CancellationToken);
            using var page = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(
                await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)
            );
            titles.Add(page.Title);
            var levels = page.QuerySelectorAll("h1, h2, h3, h4, h5, h6").Select(heading => heading.LocalName[1] - '0').ToList();
            Assert.Equal(1, levels[0]);
            Assert.Single(levels, 1);
            Assert.All(
                levels.Zip(levels.Skip(1)),
                pair => Assert.True(pair.Second <= pair.First + 1, $"{address}: h{pair.Second} after h{pair.First}")
            );
            var ids = page.QuerySelectorAll("[id]").Select(element => element.Id).ToList();
            Assert.Equal(ids.Distinct(), ids);
            Assert.All(ids, id => Assert.DoesNotContain(' ', id!));
            Assert.All(
                page.QuerySelectorAll("nav, iframe, input:not(label input), [role=img]"),
                used =>
                    Assert.True(used.HasAttribute("aria-label") || used.HasAttribute("title"), $"{address}: {used.OuterHtml} has no name")
            );
        }
        Assert.Equal(titles.Distinct(), titles);
    }

    [Theory]
    [InlineData("//evil.example/")]
    [InlineData("//evil.example/a/")]
    [InlineData("/job/hello/")]
    public async Task A_redirect_never_leads_to_another_host(string target)
    {
        var one = new ReferenceCase("", "", "GET", target, [], 0, [], null, []);
        var answer = await one.SendAsync(filled.Site.Web.Address, TestContext.Current.CancellationToken);
        Assert.True(answer.Status is 404 or 308);
        Assert.DoesNotContain("evil", answer.Header("Location") ?? "", StringComparison.Ordinal);
    }
}
