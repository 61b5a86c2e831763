using System.Net;
using AngleSharp.Html.Dom;
using Builder.Storage.Accounts;
using Builder.Storage.Database;

namespace Builder.Web.Tests.Accounts;

/// <summary>Signing in, as it is meant and as an attack.</summary>
public sealed class SignInTests
{
    private const string Cookie = "builder-session";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_right_password_begins_a_session_that_signing_out_ends()
    {
        await using var site = await Site.EmptyAsync();
        using var browser = await BrowserSession.OfAsync(site, AccountRole.Operator);
        var set = Assert.Single(browser.SetCookies, cookie => cookie.StartsWith(Cookie + "=", StringComparison.Ordinal));
        foreach (var attribute in (string[])["path=/", "httponly", "samesite=lax", "max-age=1209600"])
            Assert.Contains(attribute, set, StringComparison.OrdinalIgnoreCase);
        var account = await browser.PageAsync("/account");
        Assert.Contains("Operator", account.QuerySelector(".head")!.TextContent, StringComparison.Ordinal);
        Assert.Equal("the-operator", (await browser.PageAsync("/")).QuerySelector(".who")?.TextContent);

        var stolen = browser.Cookies[Cookie];
        using var left = await browser.SubmitAsync("/account", "/sign-out");
        Assert.Equal(HttpStatusCode.SeeOther, left.StatusCode);
        Assert.False(browser.Cookies.ContainsKey(Cookie));
        browser.Cookies[Cookie] = stolen;
        using var again = await browser.GetAsync("/account");
        Assert.Equal(HttpStatusCode.SeeOther, again.StatusCode);
        Assert.Equal("/sign-in?return=/account", Uri.UnescapeDataString(again.Headers.Location!.OriginalString));
    }

    [Fact]
    public async Task Over_https_the_cookie_is_of_this_host_alone()
    {
        await using var site = await Site.EmptyAsync(options => options with { PublicUrl = new Uri("https://builds.example.org") });
        await BrowserSession.AddAsync(site, "anna", AccountRole.Operator);
        using var browser = new BrowserSession(site) { Origin = "https://builds.example.org" };
        using var answer = await browser.SignInAsync("anna", "pw-anna");
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        var set = Assert.Single(browser.SetCookies, cookie => cookie.StartsWith("__Host-builder-session=", StringComparison.Ordinal));
        Assert.Contains("secure", set, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("domain", set, StringComparison.OrdinalIgnoreCase);
        // A plain cookie, which another host of the domain could have set, counts for nothing.
        using var other = new BrowserSession(site);
        other.Cookies[Cookie] = browser.Cookies["__Host-builder-session"];
        using var refused = await other.GetAsync("/account");
        Assert.Equal(HttpStatusCode.SeeOther, refused.StatusCode);
    }

    [Fact]
    public async Task Session_fixation_gives_the_attacker_nothing()
    {
        await using var site = await Site.EmptyAsync();
        using var attacker = await BrowserSession.OfAsync(site, AccountRole.Uploader);
        await BrowserSession.AddAsync(site, "anna", AccountRole.Admin);
        using var victim = new BrowserSession(site);
        victim.Cookies[Cookie] = attacker.Cookies[Cookie];

        using var answer = await victim.SignInAsync("anna", "pw-anna");

        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.NotEqual(attacker.Cookies[Cookie], victim.Cookies[Cookie]);
        using var page = await attacker.GetAsync("/account");
        Assert.Equal(HttpStatusCode.SeeOther, page.StatusCode);
        using var invented = new BrowserSession(site);
        invented.Cookies[Cookie] = new string('a', 43);
        using var nothing = await invented.GetAsync("/account");
        Assert.Equal(HttpStatusCode.SeeOther, nothing.StatusCode);
    }

    [Theory]
    [InlineData("/job/hello?platform=debian-12", "/job/hello?platform=debian-12")]
    [InlineData("https://evil.example/", "/")]
    [InlineData("//evil.example/", "/")]
    [InlineData("/\\evil.example/", "/")]
    [InlineData("/\t/evil.example/", "/")]
    [InlineData("\\\\evil.example", "/")]
    [InlineData("javascript:alert(1)", "/")]
    [InlineData("/a\r\nSet-Cookie: x=y", "/")]
    [InlineData("/sign-out", "/")]
    [InlineData("", "/")]
    public async Task Signing_in_leads_to_this_site_and_nowhere_else(string then, string location)
    {
        await using var site = await Site.EmptyAsync();
        await BrowserSession.AddAsync(site, "anna", AccountRole.Operator);
        using var browser = new BrowserSession(site);
        using var page = await browser.SignInAsync("anna", "pw-anna", then);
        Assert.Equal(location, page.Headers.Location!.OriginalString);
        // And where the field itself is forged.
        using var other = new BrowserSession(site);
        using var answer = await other.SubmitAsync("/sign-in", "/sign-in", ("name", "anna"), ("password", "pw-anna"), ("return", then));
        Assert.Equal(location, answer.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task Nobody_is_signed_in_by_a_form_of_another_site()
    {
        await using var site = await Site.EmptyAsync();
        await BrowserSession.AddAsync(site, "anna", AccountRole.Operator);
        using var attacker = new BrowserSession(site);
        var page = await attacker.PageAsync("/sign-in");
        var token = ((IHtmlInputElement)page.QuerySelector("input[name=form-token]")!).Value;

        // The attacker's own token in another browser, without and with a cookie of its own.
        using var victim = new BrowserSession(site);
        (string, string)[] fields = [("name", "anna"), ("password", "pw-anna"), ("form-token", token)];
        using var withoutCookie = await victim.PostAsync("/sign-in", fields);
        Assert.Equal(HttpStatusCode.Forbidden, withoutCookie.StatusCode);
        await victim.PageAsync("/sign-in");
        using var withCookie = await victim.PostAsync("/sign-in", fields);
        Assert.Equal(HttpStatusCode.Forbidden, withCookie.StatusCode);
        attacker.Origin = null;
        using var withoutOrigin = await attacker.PostAsync("/sign-in", fields);
        Assert.Equal(HttpStatusCode.Forbidden, withoutOrigin.StatusCode);
        attacker.Origin = "https://evil.example";
        using var foreign = await attacker.PostAsync("/sign-in", fields);
        Assert.Equal(HttpStatusCode.Forbidden, foreign.StatusCode);
        Assert.False(victim.Cookies.ContainsKey(Cookie) || attacker.Cookies.ContainsKey(Cookie));
    }

    [Fact]
    public async Task Guessing_gets_slower_and_is_recorded_and_shuts_nobody_else_out()
    {
        await using var site = await Site.EmptyAsync();
        await BrowserSession.AddAsync(site, "anna", AccountRole.Operator);
        await BrowserSession.AddAsync(site, "berta", AccountRole.Admin);
        using var browser = new BrowserSession(site);
        for (var guess = 0; guess < 5; guess++)
        {
            using var wrong = await browser.SignInAsync("anna", $"guess {guess}");
            Assert.Equal(HttpStatusCode.Forbidden, wrong.StatusCode);
        }
        using var limited = await browser.SignInAsync("anna", "pw-anna");
        Assert.Equal(HttpStatusCode.TooManyRequests, limited.StatusCode);
        Assert.True(limited.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        using var nobody = await browser.SignInAsync("my secret password", "x");
        Assert.Equal(HttpStatusCode.Forbidden, nobody.StatusCode);

        using var other = new BrowserSession(site);
        using var admitted = await other.SignInAsync("berta", "pw-berta");
        Assert.Equal(HttpStatusCode.SeeOther, admitted.StatusCode);
        using var audit = await other.GetAsync("/audit");
        var text = await audit.Content.ReadAsStringAsync(Stop);
        Assert.Equal(6, (await AuditAsync(site)).Count(entry => entry is { Actor: "anna", Outcome: AuditOutcome.Refused }));
        Assert.DoesNotContain("my secret password", text, StringComparison.Ordinal);

        site.Clock.Advance(TimeSpan.FromMinutes(1));
        using var later = await browser.SignInAsync("anna", "pw-anna");
        Assert.Equal(HttpStatusCode.SeeOther, later.StatusCode);
    }

    [Fact]
    public async Task A_one_time_link_shows_a_button_and_works_once()
    {
        await using var site = await Site.EmptyAsync();
        string secret;
        await using (var database = await BuilderDatabase.OpenAsync(site.Database, Stop))
        {
            await new UserAdministration(database).AddWithoutPasswordAsync("admin", false, AccountRole.Admin, Stop);
            secret = await new SignInLinks(database, site.Clock).MakeAsync("admin", Stop);
        }
        var address = SignInLinkAddress.Of(secret);
        // Programs that look at addresses ahead of people change nothing.
        (await site.Http.GetAsync(address, Stop)).Dispose();
        using var browser = new BrowserSession(site);
        using var answer = await browser.SubmitAsync(address, "/sign-in/link");
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Contains("Admin", (await browser.PageAsync("/account")).Body!.TextContent, StringComparison.Ordinal);

        using var second = new BrowserSession(site);
        using var refused = await second.SubmitAsync(address, "/sign-in/link");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Fact]
    public async Task Pages_of_a_visitor_who_signed_in_are_kept_for_nobody_else()
    {
        await using var site = await Site.FilledAsync();
        using var browser = await BrowserSession.OfAsync(site, AccountRole.Operator);
        using var mine = await browser.GetAsync("/");
        Assert.True(mine.Headers.CacheControl!.NoStore);
        Assert.Contains("class=\"who\"", await mine.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.DoesNotContain("class=\"who\"", await site.Http.GetStringAsync("/", Stop), StringComparison.Ordinal);
        Assert.Contains("href=\"/sign-in\"", await site.Http.GetStringAsync("/", Stop), StringComparison.Ordinal);
    }

    private static async Task<List<AuditEntry>> AuditAsync(Site site)
    {
        await using var database = await BuilderDatabase.OpenAsync(site.Database, Stop);
        return
        [
            .. (await new AuditLog(database, site.Clock).ListAsync(long.MaxValue, null, 1000, Stop)).Select(recorded => recorded.Entry),
        ];
    }
}
