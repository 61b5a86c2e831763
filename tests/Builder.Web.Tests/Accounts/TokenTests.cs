using System.Net;
using System.Net.Http.Headers;
using Builder.Storage.Accounts;

namespace Builder.Web.Tests.Accounts;

/// <summary>Tokens of programs, and sessions that are taken back.</summary>
public sealed class TokenTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_is_shown_once_and_uploads_what_its_scopes_name_until_it_is_revoked()
    {
        await using var site = await Site.EmptyAsync();
        using var browser = await BrowserSession.OfAsync(site, AccountRole.Uploader);
        var secret = await MakeAsync(browser, "upload:noswitch");
        Assert.DoesNotContain(secret, (await browser.PageAsync("/account")).Source.Text, StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.Forbidden, await UploadAsync(site, "hello-d1", new AuthenticationHeaderValue("Bearer", secret)));
        Assert.Equal(HttpStatusCode.Created, await UploadAsync(site, "noswitch", new AuthenticationHeaderValue("Bearer", secret)));
        Assert.Equal(HttpStatusCode.Conflict, await UploadAsync(site, "noswitch", Basic("anything", secret)));
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            await UploadAsync(site, "noswitch", new AuthenticationHeaderValue("Bearer", secret[..^1] + "?"))
        );

        using var revoked = await browser.SubmitAsync("/account", "/account/tokens/1/revoke");
        Assert.Equal(HttpStatusCode.SeeOther, revoked.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await UploadAsync(site, "noswitch", new AuthenticationHeaderValue("Bearer", secret)));
    }

    [Fact]
    public async Task A_token_ends_at_its_time_and_never_may_more_than_its_owner()
    {
        await using var site = await Site.EmptyAsync();
        using var browser = await BrowserSession.OfAsync(site, AccountRole.Uploader, isRestricted: true);
        var secret = await MakeAsync(browser, "upload:* admin operate", days: "1");
        Assert.Equal(HttpStatusCode.Forbidden, await UploadAsync(site, "noswitch", new AuthenticationHeaderValue("Bearer", secret)));
        Assert.Equal(HttpStatusCode.Forbidden, await GetAsync(site, "/audit", secret));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(site, "/account", secret));
        site.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(site, "/account", secret));
    }

    [Fact]
    public async Task A_stolen_token_makes_itself_no_other()
    {
        await using var site = await Site.EmptyAsync();
        using var browser = await BrowserSession.OfAsync(site, AccountRole.Admin);
        var secret = await MakeAsync(browser, "read upload:* run:* operate");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/account/tokens")
        {
            Content = new FormUrlEncodedContent([new("name", "more"), new("scopes", "admin")]),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        using var answer = await site.Http.SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(HttpStatusCode.Forbidden, await GetAsync(site, "/audit", secret));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(site, "/audit", await MakeAsync(browser, "admin")));
    }

    [Fact]
    public async Task Each_change_needs_the_sessions_own_form_and_this_sites_page()
    {
        await using var site = await Site.EmptyAsync();
        using var browser = await BrowserSession.OfAsync(site, AccountRole.Admin);
        using var other = await BrowserSession.OfAsync(site, AccountRole.Operator);
        var token = await browser.FormTokenAsync();
        (string, string)[] fields = [("name", "evil"), ("scopes", "admin")];
        string?[] forged = [null, "", await other.FormTokenAsync(), token + "x"];
        foreach (var given in forged)
        {
            using var refused = await browser.PostAsync(
                "/account/tokens",
                [.. fields, .. given is null ? [] : new[] { ("form-token", given) }]
            );
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }
        foreach (var origin in (string?[])[null, "https://evil.example", "null"])
        {
            browser.Origin = origin;
            using var refused = await browser.PostAsync("/account/tokens", [.. fields, ("form-token", token)]);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }
        Assert.Empty((await browser.PageAsync("/account")).QuerySelectorAll("#tokens tbody tr"));
    }

    [Fact]
    public async Task Sessions_are_listed_and_revoked_and_a_revoked_one_is_over_at_once()
    {
        await using var site = await Site.EmptyAsync();
        using var first = await BrowserSession.OfAsync(site, AccountRole.Operator);
        using var second = new BrowserSession(site);
        (await second.SignInAsync("the-operator", "pw-the-operator")).Dispose();
        Assert.Equal(2, (await second.PageAsync("/account")).QuerySelectorAll("#sessions tbody tr").Length);

        using var ended = await second.SubmitAsync("/account", "/account/sessions/1/revoke");
        Assert.Equal("/account?done=session", ended.Headers.Location!.OriginalString);
        using var refused = await first.GetAsync("/account");
        Assert.Equal(HttpStatusCode.SeeOther, refused.StatusCode);
        using var kept = await second.GetAsync("/account");
        Assert.Equal(HttpStatusCode.OK, kept.StatusCode);
    }

    [Theory]
    [InlineData(AccountRole.Uploader, false)]
    [InlineData(AccountRole.Operator, false)]
    [InlineData(AccountRole.Admin, true)]
    public async Task Accounts_and_the_audit_log_are_for_administrators(AccountRole role, bool isAllowed)
    {
        await using var site = await Site.EmptyAsync();
        using var browser = await BrowserSession.OfAsync(site, role);
        await BrowserSession.AddAsync(site, "anna", AccountRole.Uploader);
        foreach (var address in (string[])["/audit", "/accounts"])
        {
            using var page = await browser.GetAsync(address);
            Assert.Equal(isAllowed ? HttpStatusCode.OK : HttpStatusCode.Forbidden, page.StatusCode);
        }
        using var change = await browser.PostAsync(
            "/accounts/change",
            ("name", "anna"),
            ("change", "operator"),
            ("form-token", await browser.FormTokenAsync())
        );
        Assert.Equal(isAllowed ? HttpStatusCode.SeeOther : HttpStatusCode.Forbidden, change.StatusCode);
        using var add = await browser.PostAsync(
            "/accounts",
            ("name", "berta"),
            ("password", "long enough it is"),
            ("role", "operator"),
            ("jobs", "all"),
            ("form-token", await browser.FormTokenAsync())
        );
        Assert.Equal(isAllowed ? HttpStatusCode.SeeOther : HttpStatusCode.Forbidden, add.StatusCode);
        if (!isAllowed)
            return;
        var accounts = (await browser.PageAsync("/accounts")).Body!.TextContent;
        Assert.Contains("berta", accounts, StringComparison.Ordinal);
        var audit = (await browser.PageAsync("/audit")).Body!.TextContent;
        Assert.Contains("user-update anna", audit, StringComparison.Ordinal);
        using var own = await browser.PostAsync(
            "/accounts/change",
            ("name", "the-admin"),
            ("change", "uploader"),
            ("form-token", await browser.FormTokenAsync())
        );
        Assert.Equal(HttpStatusCode.Conflict, own.StatusCode);
    }

    private static async Task<string> MakeAsync(BrowserSession browser, string scopes, string days = "30")
    {
        using var made = await browser.SubmitAsync("/account", "/account/tokens", ("name", "ci"), ("scopes", scopes), ("days", days));
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        Assert.True(made.Headers.CacheControl!.NoStore);
        var text = await made.Content.ReadAsStringAsync(Stop);
        var start = text.IndexOf(ApiTokens.Prefix, StringComparison.Ordinal);
        return text[start..(start + ApiTokens.Prefix.Length + AccountSecret.Length)];
    }

    private static async Task<HttpStatusCode> UploadAsync(Site site, string exec, AuthenticationHeaderValue authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/upload") { Content = new ByteArrayContent(Uploads.Exec(exec)) };
        request.Headers.Authorization = authorization;
        using var answer = await site.Http.SendAsync(request, Stop);
        return answer.StatusCode;
    }

    private static async Task<HttpStatusCode> GetAsync(Site site, string address, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await site.Http.SendAsync(request, Stop);
        return answer.StatusCode;
    }

    private static AuthenticationHeaderValue Basic(string name, string password) =>
        new("Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{name}:{password}")));
}
