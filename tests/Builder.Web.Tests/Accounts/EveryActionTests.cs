using System.Net;
using System.Net.Http.Headers;
using Builder.Storage.Accounts;
using Builder.Testing;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace Builder.Web.Tests.Accounts;

/// <summary>
/// Each thing that somebody can change on the site: by mouse, by keyboard, by a form without script and by a token, for each role that may and each that
/// may not; and each leaves an entry in the audit log.
/// </summary>
public sealed class EveryActionTests
{
    /// <param name="Route">As the site maps it.</param>
    /// <param name="Page">Where its form is.</param>
    /// <param name="Fields">What the form sends.</param>
    /// <param name="Needs">The lowest role that may.</param>
    /// <param name="Scope">Of a token that may; null where tokens have no part in it.</param>
    internal sealed record Action(
        string Route,
        Func<ActionScene, string> Address,
        string Page,
        string Fields,
        AccountRole Needs,
        string? Scope
    )
    {
        /// <summary>Typed in by whoever uses the form; the rest stands there.</summary>
        public IReadOnlyList<string> Typed { get; init; } = [];

        public bool NeedsHook => Route.StartsWith("/hooks", StringComparison.Ordinal);
    }

    private static readonly string Running = $"/activity/{LiveTests.Running}";

    /// <summary>These come from programs, or begin a session: tests of their own have them.</summary>
    private static readonly string[] Others =
    [
        "/upload",
        "/job/{job}/platform/{platform}/upload",
        "/sign-in",
        "/sign-in/link",
        "/job/{job}/build/{build}/attestations",
    ];

    private static readonly Action[] Table =
    [
        new("/job/{job}/run", static _ => "/job/hello/run", "/job/hello", "platform=debian-12", AccountRole.Operator, "run:hello"),
        new(
            "/job/{job}/reschedule",
            static _ => "/job/hello/reschedule",
            "/job/hello",
            "next=2026-11-28T04:00&period=weekly",
            AccountRole.Operator,
            "run:hello"
        ),
        new("/activity/{build}/cancel", static _ => Running + "/cancel", Running, "", AccountRole.Operator, "run:hello"),
        new("/platforms/drop", static _ => "/platforms/drop", "/activity", "platform=debian-12", AccountRole.Operator, "operate"),
        new("/platforms/undrop", static _ => "/platforms/undrop", "/activity", "platform=freebsd-14", AccountRole.Operator, "operate"),
        new("/workers/drain", static _ => "/workers/drain", "/activity", "worker=big", AccountRole.Operator, "operate"),
        new("/workers/undrain", static _ => "/workers/undrain", "/activity", "worker=small", AccountRole.Operator, "operate"),
        new("/hooks/{id:long}/retry", static scene => $"/hooks/{scene.Hook}/retry", "/hooks", "", AccountRole.Operator, "operate"),
        new(
            "/advisories/{id}/dismiss",
            static _ => "/advisories/OSEC-2026-01/dismiss",
            "/advisories/OSEC-2026-01",
            "job=hello&because=not reachable",
            AccountRole.Operator,
            "operate"
        )
        {
            Typed = ["because"],
        },
        new(
            "/advisories/{id}/rebuild",
            static _ => "/advisories/OSEC-2026-01/rebuild",
            "/advisories/OSEC-2026-01",
            "",
            AccountRole.Operator,
            "operate"
        ),
        new("/account/tokens", static _ => "/account/tokens", "/account", "name=nightly&scopes=read&days=90", AccountRole.Uploader, "admin")
        {
            Typed = ["name", "scopes"],
        },
        new(
            "/account/tokens/{id:long}/revoke",
            static scene => $"/account/tokens/{scene.Token}/revoke",
            "/account",
            "",
            AccountRole.Uploader,
            "admin"
        ),
        new(
            "/account/sessions/{id:long}/revoke",
            static scene => $"/account/sessions/{scene.Session}/revoke",
            "/account",
            "",
            AccountRole.Uploader,
            "admin"
        ),
        new(
            "/account/sessions/revoke-others",
            static _ => "/account/sessions/revoke-others",
            "/account",
            "",
            AccountRole.Uploader,
            "admin"
        ),
        new("/sign-out", static _ => "/sign-out", "/account", "", AccountRole.Uploader, null),
        new(
            "/accounts",
            static _ => "/accounts",
            "/accounts",
            "name=berta&password=long enough&role=uploader&jobs=all",
            AccountRole.Admin,
            "admin"
        )
        {
            Typed = ["name", "password"],
        },
        new("/accounts/change", static _ => "/accounts/change", "/accounts", "name=victim&change=operator", AccountRole.Admin, "admin"),
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Routes => [.. Table.Select(static action => action.Route)];

    [Fact]
    public async Task The_table_has_every_route_that_changes_something()
    {
        await using var site = await Site.EmptyAsync();
        var changing = site
            .Web.Services.GetServices<EndpointDataSource>()
            .SelectMany(static source => source.Endpoints)
            .OfType<RouteEndpoint>()
            .Where(static endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Any(IsChanging) == true)
            .Select(static endpoint => "/" + endpoint.RoutePattern.RawText!.TrimStart('/'))
            .Distinct();

        Assert.Equal(Table.Select(static action => action.Route).Concat(Others).Order(), changing.Order());

        static bool IsChanging(string method) => method is not ("GET" or "HEAD" or "OPTIONS");
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task A_form_does_it_for_each_role_that_may_and_for_no_other_and_the_audit_log_says_so(string route)
    {
        var action = Table.Single(action => action.Route == route);
        await using var scene = await SceneAsync(action);
        foreach (var role in Enum.GetValues<AccountRole>())
        {
            using var browser = await scene.SignInAsync(role);
            var isAllowed = role >= action.Needs;
            var address = action.Address(scene);
            using var answer = isAllowed
                ? await browser.SubmitAsync(action.Page, address, Pairs(action))
                : await browser.PostAsync(address, [.. Pairs(action), ("form-token", await browser.FormTokenAsync())]);

            Assert.Equal(isAllowed, (int)answer.StatusCode < 400);
            if (!isAllowed)
                Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            var entry = await scene.LastEntryAsync();
            Assert.Equal((BrowserSession.NameOf(role), isAllowed ? AuditOutcome.Done : AuditOutcome.Refused), (entry.Actor, entry.Outcome));
            if (!isAllowed && action.Page is not "/accounts" and not "/hooks")
                Assert.Null((await browser.PageAsync(action.Page)).QuerySelector($"form[action='{address}']"));
            await SettleAsync(scene, action);
        }
        using var stranger = new BrowserSession(scene.Site);
        using var asked = await stranger.PostAsync(action.Address(scene), Pairs(action));
        Assert.True(asked.StatusCode is HttpStatusCode.SeeOther or HttpStatusCode.Forbidden, $"{asked.StatusCode}");
        Assert.StartsWith("/", asked.Headers.Location?.OriginalString ?? "/", StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task A_token_does_it_with_the_scope_and_the_role_and_not_without_either(string route)
    {
        var action = Table.Single(action => action.Route == route);
        if (action.Scope is null)
            return;
        await using var scene = await SceneAsync(action);
        foreach (var role in Enum.GetValues<AccountRole>())
        {
            (await scene.SignInAsync(role)).Dispose();
            var address = action.Address(scene);
            using var without = await SendAsync(scene, address, action, await scene.MakeTokenAsync(role, "read upload:*"));
            Assert.Equal(HttpStatusCode.Forbidden, without.StatusCode);
            using var with = await SendAsync(scene, address, action, await scene.MakeTokenAsync(role, action.Scope));
            if (role < action.Needs)
                Assert.Equal(HttpStatusCode.Forbidden, with.StatusCode);
            else
                Assert.True(with.IsSuccessStatusCode, $"{role}: {with.StatusCode} {await with.Content.ReadAsStringAsync(Stop)}");
            await SettleAsync(scene, action);
        }
        using var nobody = await SendAsync(scene, action.Address(scene), action, token: null);
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
    }

    [Fact]
    public async Task Mouse_and_keyboard_do_each_of_them_in_a_browser()
    {
        Requirement.Programs(ScreenshotTests.Chromium);
        using var playwright = await Playwright.CreateAsync();
        await using var chromium = await ScreenshotTests.LaunchAsync(playwright);
        foreach (var action in Table)
        {
            await using var scene = await SceneAsync(action);
            foreach (var isMouse in (bool[])[true, false])
            {
                // Each way has an account of its own: what the first one revoked is there for the second.
                var role = isMouse || action.Needs == AccountRole.Admin ? AccountRole.Admin : AccountRole.Operator;
                if (!isMouse && role == AccountRole.Admin)
                    continue;
                using var session = await scene.SignInAsync(role);
                await using var context = await ContextAsync(chromium, scene.Site, session);
                await DoAsync(context, scene, action, isMouse);
                var entry = await scene.LastEntryAsync();
                Assert.Equal((BrowserSession.NameOf(role), AuditOutcome.Done), (entry.Actor, entry.Outcome));
                await SettleAsync(scene, action);
            }
            if (action.Needs != AccountRole.Admin)
                continue;
            await using var again = await SceneAsync(action);
            using var keyboard = await again.SignInAsync(AccountRole.Admin);
            await using var other = await ContextAsync(chromium, again.Site, keyboard);
            await DoAsync(other, again, action, isMouse: false);
            Assert.Equal(AuditOutcome.Done, (await again.LastEntryAsync()).Outcome);
        }
    }

    private static async Task DoAsync(IBrowserContext context, ActionScene scene, Action action, bool isMouse)
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync(action.Page);
        var fields = Pairs(action);
        var form = page.Locator($"form[action='{action.Address(scene)}']");
        foreach (var (name, value) in fields.Where(field => !action.Typed.Contains(field.Name)))
        {
            // Of several forms the one that has these values: hidden fields tell which.
            if (await form.Locator($"input[type=hidden][name='{name}'][value='{value}']").CountAsync() > 0)
                form = form.Filter(new() { Has = page.Locator($"input[type=hidden][name='{name}'][value='{value}']") });
        }
        form = form.First;
        if (await form.EvaluateAsync<bool>("form => form.closest('details:not([open])') !== null"))
        {
            var summary = form.Locator("xpath=ancestor::details[1]/summary");
            if (isMouse)
            {
                await summary.ClickAsync();
            }
            else
            {
                await summary.FocusAsync();
                await page.Keyboard.PressAsync("Enter");
            }
        }
        foreach (var name in action.Typed)
        {
            var field = form.Locator($"[name='{name}']");
            if (isMouse)
                await field.ClickAsync();
            else
                await field.FocusAsync();
            await page.Keyboard.TypeAsync(fields.First(field => field.Name == name).Value);
        }
        var button = form.Locator("button");
        var answer = await page.RunAndWaitForResponseAsync(
            async () =>
            {
                if (isMouse)
                {
                    await button.ClickAsync();
                    return;
                }
                await button.FocusAsync();
                Assert.True(await button.EvaluateAsync<bool>("button => button === document.activeElement && button.tabIndex === 0"));
                await page.Keyboard.PressAsync("Enter");
            },
            static response => response.Request.Method == "POST"
        );
        Assert.True(answer.Status < 400, $"{action.Route}: {answer.Status}");
        await page.WaitForLoadStateAsync();
    }

    private static async Task<IBrowserContext> ContextAsync(IBrowser chromium, Site site, BrowserSession session)
    {
        var address = site.Web.Address.ToString();
        var context = await chromium.NewContextAsync(new BrowserNewContextOptions { BaseURL = address });
        await context.AddCookiesAsync(
            session.Cookies.Select(cookie => new Microsoft.Playwright.Cookie
            {
                Name = cookie.Key,
                Value = cookie.Value,
                Url = address,
            })
        );
        return context;
    }

    private static async Task<ActionScene> SceneAsync(Action action)
    {
        var scene = await ActionScene.MakeAsync();
        if (action.NeedsHook)
            await scene.FailHookAsync();
        return scene;
    }

    /// <summary>What an action needs is there again for the next one who does it.</summary>
    private static async Task SettleAsync(ActionScene scene, Action action)
    {
        if (action.NeedsHook)
            await scene.HookFailedAgainAsync();
        if (action.Route == "/accounts")
            await scene.RemoveAccountAsync("berta");
        if (action.Route == "/advisories/{id}/dismiss")
            scene.ForgetDismissals();
    }

    private static (string Name, string Value)[] Pairs(Action action) =>
        [
            .. action
                .Fields.Split('&', StringSplitOptions.RemoveEmptyEntries)
                .Select(static field => field.Split('='))
                .Select(static pair => (pair[0], pair[1])),
        ];

    private static async Task<HttpResponseMessage> SendAsync(ActionScene scene, string address, Action action, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Content = new FormUrlEncodedContent(Pairs(action).Select(static pair => KeyValuePair.Create(pair.Name, pair.Value))),
        };
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await scene.Site.Http.SendAsync(request, Stop);
    }
}
