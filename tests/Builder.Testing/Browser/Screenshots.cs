using Microsoft.Playwright;

namespace Builder.Testing.Browser;

/// <summary>
/// Pictures of pages for people to look at. Compiled into the projects that drive a browser: the others need not carry it along.
/// </summary>
internal static class Screenshots
{
    private const int Attempts = 3;

    /// <summary>Chromium on a busy machine sometimes has no frame to give, and has one when asked again.</summary>
    public static async Task KeepAsync(this IPage page, string path, bool fullPage = true)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await page.ScreenshotAsync(new PageScreenshotOptions { Path = path, FullPage = fullPage });
                return;
            }
            catch (PlaywrightException exception)
                when (attempt < Attempts && exception.Message.Contains("Unable to capture screenshot", StringComparison.Ordinal))
            {
                // Once more.
            }
        }
    }
}
