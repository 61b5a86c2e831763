using Builder.Protocol.Values;
using Builder.Testing;
using Microsoft.Playwright;

namespace Builder.Web.Tests;

/// <summary>What a visitor folds stays folded, on the front page and in the consoles of a job; without script everything is there.</summary>
public sealed class FoldingTests
{
    private static readonly string[] Console =
    [
        "::group::Set up\u001b[0m",
        "unpacking",
        "::endgroup::",
        "<><> Processing actions <><><><><><>",
        "-> installed gmp",
        "section_start:1700000000:build",
        "cc -c a.c",
        "section_end:1700000000:build",
        "done",
    ];

    [Fact]
    public async Task Sections_and_groups_stay_folded_and_headers_stay_in_sight()
    {
        Requirement.Programs(ScreenshotTests.Chromium);
        await using var site = await Site.FilledAsync();
        await site.AddUsersAsync();
        var first = await UploadAsync(site, 1);
        var second = await UploadAsync(site, 2);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await ScreenshotTests.LaunchAsync(playwright);
        var page = await browser.NewPageAsync(new BrowserNewPageOptions { BaseURL = site.Web.Address.ToString() });

        await page.GotoAsync("/");
        var section = page.Locator("details[data-fold]").First;
        Assert.Equal(
            "sticky",
            await page.Locator(".matrix thead th").First.EvaluateAsync<string>("head => getComputedStyle(head).position")
        );
        await section.Locator("summary").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(section).Not.ToHaveAttributeAsync("open", "");
        await page.ReloadAsync();
        await Assertions.Expect(section).Not.ToHaveAttributeAsync("open", "");
        Assert.Equal(1, await page.Locator("details[data-fold]:not([open])").CountAsync());

        await page.GotoAsync($"/job/one/build/{first}/log");
        Assert.Equal(["Set up", "Processing actions", "build"], await page.Locator(".log .group button").AllTextContentsAsync());
        await page.Locator(".log .group button").First.ClickAsync();
        await Assertions.Expect(page.GetByText("unpacking")).ToBeHiddenAsync();
        await page.GotoAsync($"/job/one/build/{second}/log");
        await Assertions.Expect(page.GetByText("unpacking")).ToBeHiddenAsync();
        await Assertions.Expect(page.GetByText("installed gmp")).ToBeVisibleAsync();
        await page.Locator(".log .group button").First.ClickAsync();
        await page.ReloadAsync();
        await Assertions.Expect(page.GetByText("unpacking")).ToBeVisibleAsync();
    }

    private static async Task<BuildUuid> UploadAsync(Site site, int number)
    {
        var uuid = BuildUuid.Parse($"00000000-0000-4000-8000-0000000000{number:00}");
        var exec = await Uploads.ExecAsync("one", uuid, Site.Recorded.AddHours(-10 + number), [("bin/one", "1"u8.ToArray())], Console);
        using var answer = await site.UploadAsync("admin", "pw-admin", exec);
        Assert.True(answer.IsSuccessStatusCode);
        return uuid;
    }
}
