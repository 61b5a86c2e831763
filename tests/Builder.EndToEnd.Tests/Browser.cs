using Builder.Testing;
using Builder.Testing.Browser;
using Microsoft.Playwright;

namespace Builder.EndToEnd.Tests;

/// <summary>The system's own Chromium, headless.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private readonly IPlaywright playwright;
    private readonly IBrowser browser;

    private Browser(IPlaywright playwright, IBrowser browser)
    {
        this.playwright = playwright;
        this.browser = browser;
    }

    public static async Task<Browser> LaunchAsync()
    {
        Requirement.Programs("/usr/bin/chromium");
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions
            {
                ExecutablePath = "/usr/bin/chromium",
                Args =
                [
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-quic",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                ],
            }
        );
        return new Browser(playwright, browser);
    }

    public async Task<IPage> OpenAsync(string address, int width = 1400, ColorScheme colors = ColorScheme.Light, bool withScript = true)
    {
        var context = await browser.NewContextAsync(
            new BrowserNewContextOptions
            {
                ViewportSize = new ViewportSize { Width = width, Height = 900 },
                ColorScheme = colors,
                JavaScriptEnabled = withScript,
            }
        );
        var page = await context.NewPageAsync();
        await page.GotoAsync(address);
        return page;
    }

    /// <summary>A picture for people, kept with the test results.</summary>
    public static Task KeepAsync(IPage page, string name) =>
        page.KeepAsync(Path.Combine(BuilderProcess.ScreenshotDirectory, name + ".png"));

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
    }
}
