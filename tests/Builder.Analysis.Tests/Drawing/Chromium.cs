using System.Reflection;
using Builder.Testing;
using Microsoft.Playwright;

namespace Builder.Analysis.Tests.Drawing;

/// <summary>A browser that the tests of a class share.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string Executable = Environment.GetEnvironmentVariable("BUILDER_CHROMIUM") is { Length: > 0 } named
        ? named
        : "/usr/bin/chromium";

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public static string Screenshots { get; } =
        Directory
            .CreateDirectory(
                typeof(Chromium)
                    .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
                    .Single(data => data.Key == "ScreenshotDirectory")
                    .Value!
            )
            .FullName;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Executable))
            return;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions
            {
                ExecutablePath = Executable,
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
    }

    /// <summary>A page that may run no script of its own, as the site serves it.</summary>
    public async Task<IPage> ShowAsync(string html, int width, ColorScheme colours, Media media = Media.Screen)
    {
        Requirement.Programs(Executable);
        var page = await _browser!.NewPageAsync(
            new BrowserNewPageOptions
            {
                ViewportSize = new ViewportSize { Width = width, Height = 900 },
                ColorScheme = colours,
            }
        );
        page.SetDefaultTimeout(20_000);
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = colours, Media = media });
        await page.SetContentAsync(html);
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}
