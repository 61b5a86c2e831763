using Builder.Analysis.Drawing;
using Builder.Analysis.Elf;
using Builder.Analysis.Tests.Elf;
using Builder.Testing;
using Builder.Testing.Browser;
using Microsoft.Playwright;

namespace Builder.Analysis.Tests.Drawing;

public sealed class PictureTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const string RightToLeftOverride = "\u202E";

    public static MatrixTheoryData<string, int, ColorScheme> Pictures() =>
        new(
            [
                "treemap-sample",
                "treemap-3",
                "treemap-100",
                "treemap-3000",
                "treemap-hostile",
                "treemap-difference",
                "graph-3",
                "graph-100",
                "graph-3000",
                "graph-albatross",
                "graph-albatross-transitive",
                "graph-unikernel",
            ],
            [400, 1600],
            [ColorScheme.Light, ColorScheme.Dark]
        );

    [Theory]
    [MemberData(nameof(Pictures))]
    public async Task No_text_overlaps_or_is_cut_and_inks_keep_their_contrast(string name, int width, ColorScheme colours)
    {
        var page = await chromium.ShowAsync(Draw(name), width, colours);

        await page.KeepAsync(
            Path.Combine(Chromium.Screenshots, $"{name}-{width}-{colours.ToString().ToLowerInvariant()}.png"),
            fullPage: !name.EndsWith("3000", StringComparison.Ordinal)
        );
        Assert.Empty(await PictureChecks.ProblemsAsync(page));
        await page.CloseAsync();
    }

    [Theory]
    [InlineData("treemap-sample")]
    [InlineData("graph-albatross")]
    public async Task Printed_pictures_are_readable(string name)
    {
        var page = await chromium.ShowAsync(Draw(name), 794, ColorScheme.Light, Media.Print);

        await page.KeepAsync(Path.Combine(Chromium.Screenshots, $"{name}-print.png"));
        Assert.Empty(await PictureChecks.ProblemsAsync(page));
        await page.CloseAsync();
    }

    [Theory]
    [InlineData("treemap-sample")]
    [InlineData("graph-albatross")]
    public async Task Focus_by_keyboard_says_the_same_as_pointing(string name)
    {
        var page = await chromium.ShowAsync(Draw(name), 1600, ColorScheme.Light);
        Assert.Equal("", await PictureChecks.ReadoutAsync(page));

        var tile = page.Locator("svg.wide .t[tabindex='0']").Nth(7);
        await tile.Locator("rect, circle")
            .First.HoverAsync(
                new LocatorHoverOptions
                {
                    Position = new Position { X = 4, Y = 4 },
                }
            );
        var pointed = await PictureChecks.ReadoutAsync(page);
        await page.Mouse.MoveAsync(1, 1);
        for (var i = 0; i < 8; i++)
            await page.Keyboard.PressAsync("Tab");
        var focused = await PictureChecks.ReadoutAsync(page);

        Assert.NotEqual("", pointed);
        Assert.Equal(pointed, focused);
        await page.CloseAsync();
    }

    [Fact]
    public async Task Pointing_at_a_package_lights_up_each_of_its_places()
    {
        var page = await chromium.ShowAsync(Draw("graph-albatross"), 1600, ColorScheme.Light);
        var places = page.Locator("svg.wide .p:has(title:text-matches('^fmt: '))");
        Assert.True(await places.CountAsync() > 5);

        await places.First.Locator("circle").HoverAsync();

        var fills = await places.EvaluateAllAsync<string[]>(
            "places => places.map(place => getComputedStyle(place.querySelector('circle')).fill)"
        );
        Assert.All(fills, fill => Assert.Equal("rgb(232, 89, 12)", fill));
        await page.CloseAsync();
    }

    [Fact]
    public async Task Script_adds_search_and_pins()
    {
        var page = await chromium.ShowAsync(Draw("treemap-100"), 1600, ColorScheme.Light);
        await page.EvaluateAsync(PictureScript.Source);

        await page.Locator("input.find").FillAsync("Module_42");
        var faint = await page.Locator("svg.wide .t.faint").CountAsync();
        var clear = await page.Locator("svg.wide .t:not(.faint)").CountAsync();
        Assert.True(clear > 0 && faint > clear, $"{faint} faint, {clear} clear");

        await page.Locator("svg.wide .t:not(.faint) > rect").Last.ClickAsync();
        await page.Mouse.MoveAsync(1, 1);
        Assert.Contains("Module_42", await PictureChecks.ReadoutAsync(page), StringComparison.Ordinal);
        await page.Keyboard.PressAsync("Escape");
        await page.Locator("input.find").FocusAsync();
        Assert.Equal("", await PictureChecks.ReadoutAsync(page));
        await page.CloseAsync();
    }

    private static string Draw(string name) =>
        name switch
        {
            "treemap-sample" => Treemap.Page(Samples.SampleA, new TreemapOptions { Title = "sample-a" }),
            "treemap-hostile" => Treemap.Page(
                Samples.Dissect(Hostile()),
                new TreemapOptions { Title = $"<script>alert(1)</script>{RightToLeftOverride}cba" }
            ),
            "treemap-difference" => Treemap.Page(
                DissectionDifference.Compare(
                    Samples.Dissect(Vectors.Read("elf/symbols.hvt")),
                    Samples.Dissect(Vectors.Read("elf/symbols51.hvt"))
                ),
                new TreemapOptions { Title = "symbols.hvt → symbols51.hvt" }
            ),
            "graph-albatross" => Graph("albatross-2026-08-22", transitive: false),
            "graph-albatross-transitive" => Graph("albatross-2026-08-22", transitive: true),
            "graph-unikernel" => Graph("unikernel-2026-08-22", transitive: false),
            _ when name.StartsWith("treemap-", StringComparison.Ordinal) => Treemap.Page(
                Samples.Dissect(Modules(Count(name))),
                new TreemapOptions { Title = name }
            ),
            _ => DependencyDrawing.Page(GraphSamples.Made(Count(name)), new DependencyDrawingOptions()),
        };

    private static int Count(string name) =>
        int.Parse(name[(name.IndexOf('-', StringComparison.Ordinal) + 1)..], System.Globalization.CultureInfo.InvariantCulture);

    private static string Graph(string name, bool transitive) =>
        DependencyDrawing.Page(GraphSamples.OfSwitch(name), new DependencyDrawingOptions { Transitive = transitive });

    private static byte[] Modules(int count)
    {
        var image = new ElfImage();
        for (var i = 0; i < count; i++)
            image.Unit($"Module_{i}{(i % 3 == 0 ? "__Part" : "")}", functions: 3, functionSize: 200 + i % 17 * 40, dataSize: 120);
        return image.ToArray();
    }

    private static byte[] Hostile() =>
        new ElfImage()
            .Unit("</title><script>alert(1)</script>", 2, 4000, 100)
            .Unit("A" + RightToLeftOverride + "gpj.exe", 2, 3000, 100)
            .Unit("Zalgo" + string.Concat(Enumerable.Repeat("\u0301\u0316", 200)), 2, 3000, 100)
            .Unit("Control\u0001\u001B[31m\u0007\u0085\u2028", 2, 3000, 100)
            .Unit("Arabic_\u0645\u0631\u062D\u0628\u0627", 2, 3000, 100)
            .Unit("Wide_\u6F22\u5B57\u6F22\u5B57\U0001F600\U0001F600", 2, 3000, 100)
            .Unit("Long" + new string('W', 10_000), 2, 5000, 100)
            .Function("&amp;\"'<b>", 2000)
            .Function("_ZN" + string.Concat(Enumerable.Repeat("1a", 3000)) + "E", 2000)
            .ToArray();
}
