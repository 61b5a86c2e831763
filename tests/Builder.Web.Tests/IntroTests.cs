namespace Builder.Web.Tests;

public sealed class IntroTests
{
    [Fact]
    public async Task The_operator_s_words_stand_on_the_front_page_and_follow_the_file()
    {
        await using var site = await Site.FilledAsync(options => options with { Title = "Farm <1>", Contact = "ops@example.org" });
        using (var before = await site.Http.PageAsync("/"))
        {
            Assert.Null(before.QuerySelector(".prose"));
            Assert.Equal("Farm <1>", before.Text(".brand"));
            Assert.Contains("ops@example.org", before.Text(".foot"), StringComparison.Ordinal);
        }
        var file = Path.Combine(site.ConfigurationDirectory, "intro.md");
        await File.WriteAllTextAsync(file, "# Welcome\n\n<script>alert(1)</script>", TestContext.Current.CancellationToken);
        using (var with = await site.Http.PageAsync("/"))
        {
            Assert.Equal("Welcome", with.Text(".prose h2"));
            Assert.Single(with.QuerySelectorAll("script:not([src])").Concat(with.QuerySelectorAll(".prose h2")));
        }
        File.Delete(file);
        using var without = await site.Http.PageAsync("/");
        Assert.Null(without.QuerySelector(".prose"));
    }

    [Fact]
    public async Task A_new_installation_greets_with_what_to_do_next()
    {
        await using var site = await Site.EmptyAsync();
        using var home = await site.Http.PageAsync("/");
        Assert.Equal("No builds yet", home.Text(".empty h2"));
        using var all = await site.Http.PageAsync("/all-builds");
        Assert.Equal("No builds yet", all.Text(".empty h2"));
        using var failures = await site.Http.PageAsync("/failed-builds");
        Assert.Equal("Nothing has failed.", failures.Text(".empty p"));
    }

    [Fact]
    public async Task Where_nothing_was_built_lately_all_builds_are_a_click_away()
    {
        await using var site = await Site.FilledAsync(options => options with { ExpiredJobsDays = 1 });
        site.Clock.Advance(TimeSpan.FromDays(3));
        using var home = await site.Http.PageAsync("/");
        Assert.Equal("Nothing was built in the last 1 day", home.Text(".empty h2"));
        Assert.Equal("/all-builds", home.QuerySelector(".empty a")!.GetAttribute("href"));
    }
}
