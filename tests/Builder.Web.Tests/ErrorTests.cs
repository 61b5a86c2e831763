using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Builder.Testing;

namespace Builder.Web.Tests;

/// <summary>What cannot be answered is said to programs as problem details, to people as a page, and to both as safely as all else.</summary>
public sealed class ErrorTests(FilledSite filled) : IClassFixture<FilledSite>
{
    private const string Hello = "/job/hello/build/4e467a04-af65-4b95-9a98-d426445e1feb";
    private const string Failed = "/job/hello/build/262d7ea5-bbcb-498f-96cf-bc82d800c7cb";

    [Theory]
    [InlineData("/nope", null, 404)]
    [InlineData("/job/hello/build/nope/exec", null, 404)]
    [InlineData("/hash?sha256=x", null, 400)]
    [InlineData("/job/onlyfail/build/latest", null, 404)]
    [InlineData(Failed + "/viztreemap", null, 404)]
    [InlineData(Hello + "/f/bin/hello.hvt", "bytes=7000-", 416)]
    [InlineData("/activity/4e467a04-af65-4b95-9a98-d426445e1feb/events", null, 404)]
    public async Task Every_error_has_words_for_programs_and_for_people(string address, string? range, int status)
    {
        using var problem = await GetAsync(filled.Http, address, "application/json", range);
        Assert.Equal(status, (int)problem.StatusCode);
        Assert.Equal("application/problem+json", problem.Content.Headers.ContentType?.MediaType);
        var json = JsonNode.Parse(await problem.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal(status, json["status"]!.GetValue<int>());
        Assert.NotEmpty(json["title"]!.GetValue<string>());
        Assert.NotEmpty(json["detail"]!.GetValue<string>());
        using var page = await GetAsync(filled.Http, address, "text/html", range);
        Assert.Equal(status, (int)page.StatusCode);
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        foreach (var answer in new[] { problem, page })
        {
            Assert.True(answer.Headers.Contains("Content-Security-Policy"));
            Assert.Null(answer.Headers.ETag);
            Assert.NotEqual(true, answer.Headers.CacheControl?.Public);
        }
    }

    [Fact]
    public async Task The_answer_to_a_failure_of_our_own_is_as_safe_as_any_other()
    {
        await using var site = await Site.FilledAsync();
        using var good = await site.Http.GetAsync(Hello, TestContext.Current.CancellationToken);
        using var file = await site.Http.GetAsync(Hello + "/f/build-environment", TestContext.Current.CancellationToken);
        var hash = Convert.ToHexStringLower(Convert.FromBase64String(file.Headers.ETag!.Tag.Trim('"')));
        File.Delete(Path.Combine(site.DataDirectory, "_artifacts", hash[..2], hash));
        using var failed = await site.Http.GetAsync(Hello + "/exec", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        foreach (
            var header in new[]
            {
                "Content-Security-Policy",
                "X-Content-Type-Options",
                "Referrer-Policy",
                "Cross-Origin-Opener-Policy",
                "Permissions-Policy",
            }
        )
            Assert.Equal(good.Headers.GetValues(header), failed.Headers.GetValues(header));
        Assert.DoesNotContain(
            hash,
            await failed.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task While_the_database_is_away_the_site_says_so_and_it_comes_back_with_it()
    {
        Engines.RequirePostgreSql();
        await using var server = new PostgreSqlServer();
        var connection = await server.CreateDatabaseAsync(TestContext.Current.CancellationToken);
        await using var site = await Site.EmptyAsync(options => options with { ConnectionString = connection });
        using var before = await GetAsync(site.Http, "/failed-builds", "text/html", range: null);
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        await server.StopAsync();

        // The first finds a connection that was cut, the second none.
        for (var attempt = 0; attempt < 2; attempt++)
        {
            using var page = await GetAsync(site.Http, $"/failed-builds?y={attempt}", "text/html", range: null);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, page.StatusCode);
            Assert.NotNull(page.Headers.RetryAfter);
            Assert.Contains(
                "database does not answer",
                await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
                StringComparison.Ordinal
            );
        }

        await server.StartAsync(TestContext.Current.CancellationToken);
        using var again = await GetAsync(site.Http, "/failed-builds?z=1", "text/html", range: null);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Theory]
    [InlineData(null, 401)]
    [InlineData("admin:wrong", 401)]
    [InlineData("restr:pw-restr", 403)]
    [InlineData("admin:pw-admin", 400)]
    public async Task A_refused_upload_says_why_as_text_and_to_who_asks_for_JSON_as_problem_details(string? user, int status)
    {
        await using var site = await Site.EmptyAsync();
        await site.AddUsersAsync();
        var body = status == 403 ? Uploads.Exec("noswitch") : Encoding.ASCII.GetBytes("no build");
        foreach (var accept in new[] { "application/json", "*/*" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/upload") { Content = new ByteArrayContent(body) };
            request.Headers.Accept.ParseAdd(accept);
            if (user is not null)
                request.Headers.Authorization = new AuthenticationHeaderValue(
                    "Basic",
                    Convert.ToBase64String(Encoding.UTF8.GetBytes(user))
                );
            using var answer = await site.Http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(status, (int)answer.StatusCode);
            Assert.Equal(accept == "*/*" ? "text/plain" : "application/problem+json", answer.Content.Headers.ContentType?.MediaType);
            Assert.Equal(status == 401, answer.Headers.WwwAuthenticate.Count > 0);
            if (accept != "*/*")
                Assert.Equal(
                    status,
                    JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))![
                        "status"
                    ]!.GetValue<int>()
                );
        }
    }

    /// <summary>As the original's build server does, and most HTTP libraries.</summary>
    [Theory]
    [InlineData(null, 401)]
    [InlineData("admin:wrong", 401)]
    [InlineData("admin:pw-admin", 413)]
    public async Task Who_reads_answers_only_after_sending_it_all_learns_why_a_large_upload_is_refused(string? user, int status)
    {
        await using var site = await Site.EmptyAsync(options => options with { LargestUpload = 1_000_000 });
        await site.AddUsersAsync();
        List<KeyValuePair<string, string>> headers = [KeyValuePair.Create("Content-Length", "20000000")];
        if (user is not null)
            headers.Add(KeyValuePair.Create("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(user))));
        var upload = new ReferenceCase("", "", "POST", "/upload", headers, 0, [], null, new byte[20_000_000]);
        Assert.Equal(status, (await upload.SendAsync(site.Web.Address, TestContext.Current.CancellationToken)).Status);
    }

    [Theory]
    [InlineData("/job/a%2fb/platform/debian-12/upload")]
    [InlineData("/job/a/platform/debian%2F12/upload")]
    [InlineData("/job/%ff/platform/debian-12/upload")]
    [InlineData("/job/%zz/platform/debian-12/upload")]
    [InlineData("/job/_artifacts/platform/debian-12/upload")]
    [InlineData("/job/b/../a/platform/debian-12/upload")]
    public async Task A_binary_for_a_name_that_none_can_have_is_refused_and_not_stored_under_another(string address)
    {
        await using var site = await Site.EmptyAsync();
        await site.AddUsersAsync();
        var upload = new ReferenceCase(
            "",
            "",
            "POST",
            address,
            [
                KeyValuePair.Create("Content-Length", "1"),
                KeyValuePair.Create("Authorization", "Basic " + Convert.ToBase64String("admin:pw-admin"u8)),
            ],
            0,
            [],
            null,
            [1]
        );
        var answer = await upload.SendAsync(site.Web.Address, TestContext.Current.CancellationToken);
        Assert.Equal(400, answer.Status);
        using var home = await GetAsync(site.Http, "/all-builds", "application/json", null);
        Assert.Empty(JsonNode.Parse(await home.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["jobs"]!.AsArray());
    }

    [Fact]
    public async Task What_leads_to_the_latest_build_carries_each_path_as_it_was_written()
    {
        // The first two are different paths that routing decodes to the same.
        foreach (var path in new[] { "/f/a%2Fb", "/f/a%252Fb", "/f/%FF", "/f/%25FF", "/f/a%20b", "/f/a%2Fb?x=%20" })
        {
            var asked = new ReferenceCase("", "", "GET", "/job/hello/build/latest" + path, [], 0, [], null, []);
            var answer = await asked.SendAsync(filled.Site.Web.Address, TestContext.Current.CancellationToken);
            Assert.Equal(307, answer.Status);
            Assert.EndsWith(path, answer.Header("Location"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("gzip, br", "br")]
    [InlineData("br;q=0.1, gzip;q=1.0", "gzip")]
    [InlineData("gzip;q=0.5, br;q=0.5", "br")]
    [InlineData("br;q=0, gzip;q=0", null)]
    [InlineData("br; q=0.000", null)]
    [InlineData("GZIP", "gzip")]
    [InlineData("deflate, identity", null)]
    [InlineData("xbr, brx", null)]
    [InlineData("*", "br")]
    [InlineData("br;q=0, *", "gzip")]
    [InlineData("*;q=0", null)]
    [InlineData("gzip;q=0, br;q=0, *", null)]
    [InlineData("identity, br;q=0.5", null)]
    [InlineData("identity;q=0.5, br", "br")]
    public async Task The_coding_is_the_one_that_is_most_welcome(string accepted, string? coding)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/failed-builds");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);
        using var answer = await filled.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(coding, answer.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.Contains("Accept-Encoding", answer.Headers.Vary);
    }

    private static async Task<HttpResponseMessage> GetAsync(HttpClient http, string address, string accept, string? range)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.ParseAdd(accept);
        if (range is not null)
            request.Headers.TryAddWithoutValidation("Range", range);
        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
