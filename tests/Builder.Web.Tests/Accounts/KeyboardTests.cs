using System.Text.RegularExpressions;
using Builder.Protocol.Messages;
using Builder.Storage.Accounts;
using Builder.Storage.Database;
using Builder.Testing;
using Builder.Testing.Browser;
using Microsoft.Playwright;

namespace Builder.Web.Tests.Accounts;

/// <summary>Signing in and acting in a real browser, by keyboard alone; and how the pages look that only those see who signed in.</summary>
public sealed class KeyboardTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Somebody_signs_in_and_runs_a_job_with_the_keyboard_alone()
    {
        Requirement.Programs(ScreenshotTests.Chromium);
        await using var server = ActionTests.Server();
        await using var site = await ActionTests.SiteAsync(server);
        await BrowserSession.AddAsync(site, "anna", AccountRole.Operator);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await ScreenshotTests.LaunchAsync(playwright);
        var page = await browser.NewPageAsync(new BrowserNewPageOptions { BaseURL = site.Web.Address.ToString() });

        await page.GotoAsync("/job/hello");
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("/sign-in"));
        await Assertions.Expect(page.Locator("input[name=name]")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("anna");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync("pw-anna");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("/job/hello$"));
        Assert.Equal("anna", await page.Locator(".who").TextContentAsync());

        var run = page.Locator("#act button").First;
        for (var tabs = 0; tabs < 40 && !await run.EvaluateAsync<bool>("button => button === document.activeElement"); tabs++)
            await page.Keyboard.PressAsync("Tab");
        Assert.NotEqual("none", await page.EvaluateAsync<string>("getComputedStyle(document.activeElement).outlineStyle"));
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page).ToHaveURLAsync(new Regex(@"/job/hello\?done=run$"));
        Assert.Contains("first in its queue", await page.Locator("main [role=status]").First.TextContentAsync(), StringComparison.Ordinal);
        Assert.IsType<Command.Execute>(Assert.Single(server.Received));
    }

    [Fact]
    public async Task Pages_of_those_who_signed_in_fit_and_can_be_read_on_phone_and_desk_in_light_and_dark()
    {
        Requirement.Programs(ScreenshotTests.Chromium);
        await using var server = ActionTests.Server();
        await using var site = await ActionTests.SiteAsync(server);
        await site.IndexedAsync();
        var advisory = site.AddAdvisory();
        using var session = await BrowserSession.OfAsync(site, AccountRole.Admin);
        await BrowserSession.AddAsync(site, "anna", AccountRole.Operator);
        (
            await session.SubmitAsync("/account", "/account/tokens", ("name", "nightly upload"), ("scopes", "upload:web-* run:hello"))
        ).Dispose();
        (await session.SubmitAsync("/job/hello", "/job/hello/run")).Dispose();
        await using (var database = await BuilderDatabase.OpenAsync(site.Database, Stop))
        {
            await new AuditLog(database, site.Clock).AddAsync(
                new AuditEntry("anna", "token nightly", "192.0.2.7", "cancel", "hello", AuditOutcome.Refused, "uuid not found"),
                Stop
            );
        }
        (string Name, string Address)[] pages =
        [
            ("signed-in-job", "/job/hello?done=run"),
            ("signed-in-activity", "/activity"),
            ("signed-in-running", $"/activity/{LiveTests.Running}"),
            ("signed-in-advisory", $"/advisories/{advisory}"),
            ("account", "/account"),
            ("accounts", "/accounts"),
            ("audit", "/audit"),
            ("hooks", "/hooks"),
        ];
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await ScreenshotTests.LaunchAsync(playwright);
        var complaints = new List<string>();
        foreach (
            var (scheme, width) in ((ColorScheme, int)[])
                [(ColorScheme.Light, 400), (ColorScheme.Light, 1400), (ColorScheme.Dark, 400), (ColorScheme.Dark, 1400)]
        )
        {
            await using var context = await browser.NewContextAsync(
                new BrowserNewContextOptions
                {
                    ColorScheme = scheme,
                    ViewportSize = new ViewportSize { Width = width, Height = 900 },
                    BaseURL = site.Web.Address.ToString(),
                }
            );
            await context.AddCookiesAsync(
                session.Cookies.Select(cookie => new Cookie
                {
                    Name = cookie.Key,
                    Value = cookie.Value,
                    Url = site.Web.Address.ToString(),
                })
            );
            var page = await context.NewPageAsync();
            foreach (var (name, address) in pages)
            {
                await page.GotoAsync(address);
                var where = $"{name} at {width} pixels, {scheme}";
                if (await page.EvaluateAsync<int>("document.documentElement.scrollWidth") > width)
                    complaints.Add($"{where}: scrolls sideways");
                complaints.AddRange((await page.EvaluateAsync<string[]>(ScreenshotTests.Contrast)).Select(found => $"{where}: {found}"));
                await page.KeepAsync(ScreenshotTests.Picture($"{name}-{width}-{scheme.ToString().ToLowerInvariant()}.png"));
            }
        }
        Assert.Empty(complaints);
    }
}
