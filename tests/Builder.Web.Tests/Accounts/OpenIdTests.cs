using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Builder.Storage.Accounts;
using Builder.Storage.Database;
using Builder.Testing;
using Builder.Web.Options;
using Microsoft.AspNetCore.WebUtilities;

namespace Builder.Web.Tests.Accounts;

/// <summary>Signing in with a provider of OpenID Connect: a stock one, and one that lies.</summary>
public sealed class OpenIdTests
{
    private static readonly KeyValuePair<string, AccountRole>[] Roles =
    [
        new("builders", AccountRole.Operator),
        new("admins", AccountRole.Admin),
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>What a provider may say of a sign-in, and whether it counts.</summary>
    public static TheoryData<string, string> Lies =>
        new()
        {
            { "nothing", "" },
            { "another nonce", "another sign-in" },
            { "no nonce", "another sign-in" },
            { "another audience", "another client" },
            { "several audiences", "given to another client" },
            { "another issuer", "another issuer" },
            { "expired", "expired" },
            { "no end", "expired" },
            { "from the future", "from the future" },
            { "another key", "signature" },
            { "no signature", "signature" },
            { "HS256", "signature" },
            { "nobody", "names nobody" },
            { "somebody else", "somebody else" },
            { "no role", "no role here" },
        };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task What_a_provider_says_counts_where_it_is_for_this_sign_in(string lie, string problem)
    {
        await using var provider = await HostileProvider.StartAsync(Site.Recorded);
        switch (lie)
        {
            case "another nonce":
                provider.Change = static claims => claims["nonce"] = "other";
                break;
            case "no nonce":
                provider.Change = static claims => claims.Remove("nonce");
                break;
            case "another audience":
                provider.Change = static claims => claims["aud"] = "other";
                break;
            case "several audiences":
                provider.Change = static claims =>
                {
                    claims["aud"] = new JsonArray("site", "other");
                    claims["azp"] = "other";
                };
                break;
            case "another issuer":
                provider.Change = static claims => claims["iss"] = "https://evil.example";
                break;
            case "expired":
                provider.Now = Site.Recorded.AddMinutes(-10);
                break;
            case "no end":
                provider.Change = static claims => claims.Remove("exp");
                break;
            case "from the future":
                provider.Now = Site.Recorded.AddMinutes(10);
                break;
            case "another key":
                provider.SignsWithAnotherKey = true;
                break;
            case "no signature":
                provider.Algorithm = "none";
                break;
            case "HS256":
                provider.Algorithm = "HS256";
                break;
            case "nobody":
                provider.Change = static claims => claims.Remove("sub");
                provider.UserInfoSubject = "";
                break;
            case "somebody else":
                provider.UserInfoSubject = "subject-2";
                break;
            case "no role":
                provider.Groups = ["others"];
                break;
        }
        await using var site = await SiteAsync(provider.Issuer, "site", null);
        using var browser = new BrowserSession(site);
        var query = await BeginAsync(browser, provider);

        using var answer = await browser.GetAsync($"/sign-in/openid/callback?code=c&state={Uri.EscapeDataString(query["state"]!)}");

        Assert.Equal(problem.Length == 0 ? HttpStatusCode.SeeOther : HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal(problem.Length == 0, browser.Cookies.ContainsKey("builder-session"));
        if (problem.Length > 0)
            Assert.Contains(problem, WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Stop)), StringComparison.Ordinal);
        else
            Assert.Equal("/job/hello", answer.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task An_answer_counts_in_the_browser_alone_that_asked_and_the_code_goes_with_its_verifier()
    {
        await using var provider = await HostileProvider.StartAsync(Site.Recorded);
        await using var site = await SiteAsync(provider.Issuer, "site", null);
        using var attacker = new BrowserSession(site);
        var query = await BeginAsync(attacker, provider);
        Assert.Equal(("code", "S256"), (query["response_type"], query["code_challenge_method"]));
        Assert.Equal(43, query["code_challenge"]!.Length);
        var callback = $"/sign-in/openid/callback?code=c&state={Uri.EscapeDataString(query["state"]!)}";

        // The attacker's code in the victim's browser, which has begun to sign in itself and which has not.
        using var victim = new BrowserSession(site);
        using var unasked = await victim.GetAsync(callback);
        await BeginAsync(victim, provider);
        using var asked = await victim.GetAsync(callback);
        using var forged = await victim.GetAsync("/sign-in/openid/callback?code=c&state=a.b.c");
        Assert.All([unasked, asked, forged], answer => Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode));
        Assert.False(victim.Cookies.ContainsKey("builder-session"));
        Assert.Empty(provider.TokenRequests);

        provider.Nonce = query["nonce"]!;
        using var own = await attacker.GetAsync(callback);
        Assert.Equal(HttpStatusCode.SeeOther, own.StatusCode);
        var request = QueryHelpers.ParseQuery(Assert.Single(provider.TokenRequests));
        var challenge = System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(request["code_verifier"]!));
        Assert.Equal(query["code_challenge"], System.Buffers.Text.Base64Url.EncodeToString(challenge));
    }

    [Fact]
    public async Task Roles_follow_the_claim_and_an_account_from_before_is_not_taken_over()
    {
        await using var provider = await HostileProvider.StartAsync(Site.Recorded);
        await using var site = await SiteAsync(provider.Issuer, "site", null);
        await BrowserSession.AddAsync(site, "anna", AccountRole.Admin);
        foreach (
            var (group, role) in ((string, AccountRole)[])
                [("builders", AccountRole.Operator), ("admins", AccountRole.Admin), ("builders", AccountRole.Operator)]
        )
        {
            provider.Groups = [group];
            using var browser = new BrowserSession(site);
            var query = await BeginAsync(browser, provider);
            (await browser.GetAsync($"/sign-in/openid/callback?code=c&state={Uri.EscapeDataString(query["state"]!)}")).Dispose();
            var account = (await browser.PageAsync("/account")).QuerySelector(".head")!.TextContent;
            Assert.Contains("anna@127.0.0.1", account, StringComparison.Ordinal);
            Assert.Contains(AccountRoles.NameOf(role), account, StringComparison.OrdinalIgnoreCase);
        }
        await using var database = await BuilderDatabase.OpenAsync(site.Database, Stop);
        var users = new UserAdministration(database);
        Assert.Equal(2, (await users.ListAsync(Stop)).Count);
        await users.DisableAsync("anna@127.0.0.1", Stop);
        using var disabled = new BrowserSession(site);
        var again = await BeginAsync(disabled, provider);
        using var refused = await disabled.GetAsync($"/sign-in/openid/callback?code=c&state={Uri.EscapeDataString(again["state"]!)}");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Fact]
    public async Task A_stock_provider_signs_people_in()
    {
        Requirement.Programs("node");
        var modules = Path.Combine(Repository, "artifacts", "node", "node_modules");
        Requirement.Met(
            Directory.Exists(Path.Combine(modules, "oidc-provider")),
            "the packages of tests/Builder.Proof.Tests/Node are not installed: ./test installs them with npm"
        );
        // The provider has to know the site's address, and the site the provider's.
        const string site = "https://builds.example.org";
        using var node = Process.Start(
            new ProcessStartInfo(
                "node",
                [
                    Path.Combine(Repository, "tests", "Builder.Proof.Tests", "Node", "oidc-provider.mjs"),
                    modules,
                    site + "/sign-in/openid/callback",
                ]
            )
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        try
        {
            var issuer = await node.StandardOutput.ReadLineAsync(Stop);
            Assert.NotNull(issuer);
            await using var running = await SiteAsync(
                issuer,
                "builder site",
                "s:cr+t/%",
                options => options with { PublicUrl = new Uri(site), Clock = TimeProvider.System }
            );
            using var anna = new BrowserSession(running) { Origin = site };
            Assert.Equal(HttpStatusCode.SeeOther, (await SignInAsync(anna, running, "anna")).Status);
            Assert.Contains("Operator", (await anna.PageAsync("/account")).QuerySelector(".head")!.TextContent, StringComparison.Ordinal);

            using var mallory = new BrowserSession(running) { Origin = site };
            var (status, text) = await SignInAsync(mallory, running, "mallory");
            Assert.Equal(HttpStatusCode.Forbidden, status);
            Assert.Contains("no role here", text, StringComparison.Ordinal);
        }
        finally
        {
            node.Kill();
        }
    }

    private static string Repository
    {
        get
        {
            var directory = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(directory, "Builder.slnx")))
                directory =
                    Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("the tests were moved out of the clone");
            return directory;
        }
    }

    private static Task<Site> SiteAsync(string issuer, string client, string? secret, Func<WebOptions, WebOptions>? change = null) =>
        Site.EmptyAsync(options =>
        {
            var with = options with { OpenId = new OpenIdOptions(new Uri(issuer), client, secret, "groups", Roles) };
            return change?.Invoke(with) ?? with;
        });

    /// <summary>What the site sends the browser to the provider with.</summary>
    private static async Task<Dictionary<string, string?>> BeginAsync(BrowserSession browser, HostileProvider provider)
    {
        using var answer = await browser.GetAsync("/sign-in/openid?return=/job/hello");
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        var query = QueryHelpers
            .ParseQuery(new Uri(answer.Headers.Location!.OriginalString).Query)
            .ToDictionary(pair => pair.Key, pair => (string?)pair.Value);
        provider.Nonce = query["nonce"]!;
        return query;
    }

    /// <summary>As a browser does it: to the provider, through its two forms, and back.</summary>
    private static async Task<(HttpStatusCode Status, string Text)> SignInAsync(BrowserSession browser, Site site, string name)
    {
        using var begin = await browser.GetAsync("/sign-in/openid");
        var cookies = new CookieContainer();
        using var http = new HttpClient(new SocketsHttpHandler { CookieContainer = cookies, AllowAutoRedirect = false });
        var next = new Uri(begin.Headers.Location!.OriginalString);
        for (var step = 0; step < 12; step++)
        {
            if (next.Host == "builds.example.org")
            {
                using var answer = await browser.GetAsync(next.PathAndQuery);
                return (answer.StatusCode, WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Stop)));
            }
            using var page = await http.GetAsync(next, Stop);
            if (page.Headers.Location is { } location)
            {
                next = new Uri(next, location);
                continue;
            }
            var text = await page.Content.ReadAsStringAsync(Stop);
            Assert.True(page.IsSuccessStatusCode, text);
            var isLogin = text.Contains("name=\"login\"", StringComparison.Ordinal);
            using var form = new FormUrlEncodedContent(
                isLogin ? [new("prompt", "login"), new("login", name), new("password", "x")] : [new("prompt", "consent")]
            );
            using var sent = await http.PostAsync(next, form, Stop);
            next = new Uri(next, sent.Headers.Location!);
        }
        throw new InvalidOperationException($"the provider goes round and round at {next}; {site.Web.Address}");
    }
}
