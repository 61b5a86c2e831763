using Builder.Publishing.Options;
using Builder.Publishing.Repositories;
using Builder.Testing;
using Builder.Testing.Browser;
using Microsoft.Playwright;

namespace Builder.Web.Tests;

/// <summary>
/// Every page in a real browser, on a phone and on a desk, in light and dark: nothing scrolls sideways, everything can be read, and the
/// browser has nothing to complain of. The pictures are kept under <c>artifacts/screenshots</c>.
/// </summary>
public sealed class ScreenshotTests
{
    internal const string Chromium = "/usr/bin/chromium";
    private const string Hello = "/job/hello/build/4e467a04-af65-4b95-9a98-d426445e1feb";

    private const string Unknown = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    /// <summary>One address at least for each page; <see cref="RouteTests"/> says which is missing.</summary>
    internal static readonly (string Name, string Address)[] Pages =
    [
        ("home", "/"),
        ("home-failing", "/?show=failing"),
        ("home-size", "/?sort=size"),
        ("all-builds", "/all-builds"),
        ("job", "/job/hello"),
        ("history", "/job/hello/history"),
        ("job-failed", "/job/hello/failed"),
        ("build", Hello),
        ("build-failed", "/job/dns-primary/build/03babfb2-e8e7-418d-9c8b-fd1133bee476"),
        ("build-odd-names", "/job/noswitch/build/234909ec-2b31-4ec1-8989-73c0f82fbd1b"),
        ("log", "/job/hello/build/262d7ea5-bbcb-498f-96cf-bc82d800c7cb/log"),
        ("compare", "/compare/de9aa117-ee32-4e5c-9f5e-4af061420a4b/4e467a04-af65-4b95-9a98-d426445e1feb"),
        ("compare-platforms", "/compare/4e467a04-af65-4b95-9a98-d426445e1feb/400de0f8-a250-4b60-90ac-3428a3ca3ec2"),
        ("compare-modules", $"/compare/{CompareBinariesTests.Before}/{CompareBinariesTests.After}"),
        ("compare-packages", "/compare/8e144f67-ce89-483b-bee7-8b5c63223ddb/133e9d37-3c30-4617-9db7-e5aef92a24da"),
        ("treemap", Hello + "/viztreemap"),
        ("dependencies", Hello + "/vizdependencies"),
        ("proof", Hello + "/proof"),
        ("rebuilders", "/rebuilders"),
        ("build-rebuilders", Hello + "/rebuilders"),
        ("build-type-rebuild", "/buildtypes/rebuild/v1"),
        ("api", "/api"),
        ("sign-in", "/sign-in"),
        ("sign-in-link", "/sign-in/link?secret=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("difference-part", "/compare/de9aa117-ee32-4e5c-9f5e-4af061420a4b/4e467a04-af65-4b95-9a98-d426445e1feb/difference/0"),
        ("reproducible", "/reproducible"),
        ("package", "/package/opam/ocaml"),
        ("package-version", "/package/opam/ocaml/4.14.2"),
        ("advisories", "/advisories"),
        ("build-type-script", "/buildtypes/script/v1"),
        ("build-type-import", "/buildtypes/import/v1"),
        ("build-type-policy", "/buildtypes/policy/v1"),
        ("builder-sandboxed", "/builders/sandboxed"),
        ("builder-sandboxed-shared-proc", "/builders/sandboxed-shared-proc"),
        ("builder-unsandboxed", "/builders/unsandboxed"),
        ("builder-imported", "/builders/imported"),
        ("verifier", "/verifier"),
        ("activity", "/activity"),
        ("running", $"/activity/{LiveTests.Running}"),
        ("notifications", "/notifications"),
        ("failures", "/failed-builds"),
        ("failures-same", "/failed-builds?fingerprint=0123456789abcdef"),
        ("failures-none", "/failed-builds?platform=nope"),
        ("transparency-log", "/log"),
        ("search", "/search?q=unikernel"),
        ("search-packages", "/search?q=mirage"),
        ("package", "/package/opam/mirage-solo5"),
        ("advisories", "/advisories"),
        ("advisory", "/advisories/OSEC-2026-01"),
        ("search-text", "/search?q=%22opam+install%22"),
        ("symbol", "/symbol/c_helper_dns"),
        ("library", "/package/lib/solo5"),
        ("search-nothing", "/search?q=nothing+of+the+kind"),
        ("search-hash", "/search?q=" + Unknown),
        ("hash-unknown", "/hash?sha256=" + Unknown),
        ("job-never-there", "/job/hello?platform=nope"),
        ("compare-itself", "/compare/4e467a04-af65-4b95-9a98-d426445e1feb/4e467a04-af65-4b95-9a98-d426445e1feb"),
        ("packages", "/pkg"),
        ("build-type", "/buildtypes/script/v1"),
        ("not-found", "/job/nope"),
        ("removed", "/job/hello/build/8e621bd5-e8d1-4d4e-94c8-f9fd28a5089b/f/bin/hello.hvt"),
        ("compare-removed", "/compare/8e621bd5-e8d1-4d4e-94c8-f9fd28a5089b/4e467a04-af65-4b95-9a98-d426445e1feb"),
    ];

    [Fact]
    public async Task Every_page_fits_and_can_be_read_on_phone_and_desk_in_light_and_dark()
    {
        Requirement.Programs(Chromium);
        await using var server = new FakeBuildServer(LiveTests.Info(), LiveTests.Console);
        await using var site = await Site.FilledAsync(
            options => options with { Server = server.Address },
            prepare: static async options =>
            {
                await TestedLog.MakeAsync(options);
                await RepositorySetup.InitializeAsync(
                    RepositorySettings.Default(options.ConfigurationDirectory!, options.DataDirectory, RepositoryKind.FreeBsd),
                    null,
                    "",
                    "",
                    TestContext.Current.CancellationToken
                );
            }
        );
        await RemovedBuildTests.RemoveAsync(site, "8e621bd5-e8d1-4d4e-94c8-f9fd28a5089b");
        await CompareBinariesTests.StoreAsync(site);
        await TestedStatements.AddAsync(site);
        await site.IndexedAsync();
        site.AddAdvisory();
        foreach (var (_, address) in Pages.Where(page => page.Address.StartsWith("/compare/", StringComparison.Ordinal)))
            (await site.Http.GetSettledAsync(new Uri(site.Web.Address, address))).Dispose();
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await LaunchAsync(playwright);
        var complaints = new List<string>();
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            foreach (var width in new[] { 400, 1400 })
            {
                await using var context = await browser.NewContextAsync(
                    new BrowserNewContextOptions
                    {
                        ColorScheme = scheme,
                        ViewportSize = new ViewportSize { Width = width, Height = 900 },
                        BaseURL = site.Web.Address.ToString(),
                    }
                );
                var page = await context.NewPageAsync();
                page.Console += (_, message) =>
                {
                    if (
                        message.Type is "error" or "warning"
                        && !message.Text.Contains("404 (Not Found)", StringComparison.Ordinal)
                        && !message.Text.Contains("410 (Gone)", StringComparison.Ordinal)
                    )
                        complaints.Add($"{page.Url}: {message.Text}");
                };
                foreach (var (name, address) in Pages)
                {
                    await page.SetViewportSizeAsync(width, 900);
                    await page.GotoAsync(address);
                    await page.EvaluateAsync(ScrollThrough);
                    var where = $"{name} at {width} pixels, {scheme}";
                    if (await page.EvaluateAsync<int>("document.documentElement.scrollWidth") > width)
                        complaints.Add($"{where}: scrolls sideways");
                    complaints.AddRange((await page.EvaluateAsync<string[]>(Contrast)).Select(found => $"{where}: {found}"));
                    // Frames out of sight are not painted.
                    await page.SetViewportSizeAsync(
                        width,
                        Math.Clamp(await page.EvaluateAsync<int>("document.documentElement.scrollHeight"), 900, 8000)
                    );
                    await page.KeepAsync(Picture($"{name}-{width}-{scheme.ToString().ToLowerInvariant()}.png"));
                }
            }
        }
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task The_keyboard_reaches_the_content_at_once_and_everything_else_in_the_order_of_the_page()
    {
        Requirement.Programs(Chromium);
        await using var site = await Site.FilledAsync();
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await LaunchAsync(playwright);
        var page = await browser.NewPageAsync(new BrowserNewPageOptions { BaseURL = site.Web.Address.ToString() });
        foreach (var address in new[] { "/", "/job/hello", Hello, "/failed-builds" })
        {
            await page.GotoAsync(address);
            Assert.Empty(
                await page.EvaluateAsync<string[]>(
                    "[...document.querySelectorAll('[tabindex]')].filter(e => e.tabIndex > 0).map(e => e.outerHTML)"
                )
            );
            await page.Keyboard.PressAsync("Tab");
            Assert.Equal("Skip to content", await page.EvaluateAsync<string>("document.activeElement.textContent"));
            Assert.True(await page.EvaluateAsync<bool>("document.activeElement.getBoundingClientRect().left >= 0"));
            await page.Keyboard.PressAsync("Enter");
            await page.Keyboard.PressAsync("Tab");
            Assert.True(await page.EvaluateAsync<bool>("document.querySelector('#content').contains(document.activeElement)"), address);
            Assert.NotEqual("none", await page.EvaluateAsync<string>("getComputedStyle(document.activeElement).outlineStyle"));
        }
    }

    [Fact]
    public async Task The_search_field_offers_what_fits_and_the_keyboard_chooses()
    {
        Requirement.Programs(Chromium);
        await using var site = await Site.FilledAsync();
        await site.IndexedAsync();
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await LaunchAsync(playwright);
        var page = await browser.NewPageAsync(
            new BrowserNewPageOptions
            {
                BaseURL = site.Web.Address.ToString(),
                ViewportSize = new ViewportSize { Width = 400, Height = 800 },
            }
        );
        await page.GotoAsync("/");
        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("dns-pr");
        var field = page.GetByRole(AriaRole.Combobox);
        await Assertions.Expect(page.GetByRole(AriaRole.Option).First).ToHaveTextAsync("dns-primaryjob");
        await page.KeepAsync(Picture("suggestions-400-light.png"));
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(field).ToHaveAttributeAsync("aria-expanded", "false");
        await page.Keyboard.PressAsync("Backspace");
        await Assertions.Expect(page.GetByRole(AriaRole.Option).First).ToHaveTextAsync("dns-primaryjob");
        await page.Keyboard.PressAsync("ArrowDown");
        await Assertions.Expect(field).ToHaveAttributeAsync("aria-activedescendant", "suggestion-0");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page).ToHaveURLAsync(new Uri(site.Web.Address, "/job/dns-primary").ToString());
        // A name with marks of HTML is text.
        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("<b>");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByText("<b>bold & \"quoted\"</b>").First).ToBeVisibleAsync();
    }

    internal static Task<IBrowser> LaunchAsync(IPlaywright playwright) =>
        playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions
            {
                ExecutablePath = Chromium,
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

    internal static string Picture(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && folder.Name != "artifacts")
            folder = folder.Parent;
        return Path.Combine(folder?.FullName ?? AppContext.BaseDirectory, "screenshots", name);
    }

    /// <summary>So that what loads when it comes into sight has loaded.</summary>
    private const string ScrollThrough = """
        async () => {
          const frames = [...document.querySelectorAll("iframe")];
          for (const frame of frames) {
            const loaded = new Promise(done => frame.addEventListener("load", done));
            frame.loading = "eager";
            frame.src = frame.src;
            await loaded;
          }
        }
        """;

    /// <summary>Text whose contrast with what is behind it is below 4.5 (WCAG AA); colours are read back from a canvas, whatever they were written as.</summary>
    internal const string Contrast = """
        () => {
          const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
          const rgba = colour => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); const d = canvas.getImageData(0, 0, 1, 1).data; return [d[0], d[1], d[2], d[3] / 255]; };
          const over = (top, below) => top.slice(0, 3).map((part, index) => part * top[3] + below[index] * (1 - top[3]));
          const light = colour => { const [r, g, b] = colour.map(part => { part /= 255; return part <= .03928 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4; }); return .2126 * r + .7152 * g + .0722 * b; };
          const found = new Set();
          for (const element of document.querySelectorAll("body *")) {
            const own = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
            const box = element.getBoundingClientRect();
            if (!own || box.width < 2 || box.height < 2 || element.closest(".sr, svg, [hidden]")) continue;
            const layers = [];
            for (let at = element; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
            const behind = layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
            const style = getComputedStyle(element);
            const text = over(rgba(style.color), behind);
            const [high, low] = [light(text), light(behind)].sort((a, b) => b - a);
            const ratio = (high + .05) / (low + .05);
            if (ratio < 4.5) found.add(`${element.tagName.toLowerCase()}.${element.className} "${element.textContent.trim().slice(0, 30)}" has contrast ${ratio.toFixed(2)}`);
          }
          return [...found];
        }
        """;
}
