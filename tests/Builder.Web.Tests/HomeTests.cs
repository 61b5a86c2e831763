using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Web.Tests;

/// <summary>What needs somebody comes first, and filters and orders live in the address.</summary>
public sealed class HomeTests(FilledSite filled) : IClassFixture<FilledSite>
{
    [Fact]
    public async Task What_needs_somebody_comes_first_with_the_reason()
    {
        using var page = await filled.Http.PageAsync("/");
        var alarms = page.Texts("#needs-somebody li");
        Assert.StartsWith("failing", alarms[0], StringComparison.Ordinal);
        Assert.Contains(alarms, static alarm => alarm.StartsWith("not reproducible hello on", StringComparison.Ordinal));
        Assert.True(
            page.Body!.InnerHtml.IndexOf("needs-somebody", StringComparison.Ordinal)
                < page.Body.InnerHtml.IndexOf("data-group", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_job_that_the_schedule_has_not_built_in_twice_its_period_is_overdue_and_one_that_runs_is_not()
    {
        var info = LiveTests.Info();
        var job = (ScriptJob)info.Schedule[0].Job;
        foreach (
            var (period, running, isOverdue) in ((Period, bool, bool)[])
                [(Period.Hourly, false, true), (Period.Never, false, false), (Period.Hourly, true, false)]
        )
        {
            var told = info with
            {
                Schedule = [info.Schedule[0] with { Period = period, Job = job }],
                Running = running ? info.Running : [],
            };
            await using var server = new FakeBuildServer(told, []);
            await using var site = await Site.FilledAsync(options => options with { Server = server.Address });
            site.Clock.Advance(TimeSpan.FromHours(3));
            using var page = await site.Http.PageAsync("/?show=overdue");
            Assert.Equal(isOverdue ? ["hello"] : [], page.Texts("tbody a.job"));
            if (isOverdue)
                Assert.Contains("scheduled hourly", (await site.Http.PageAsync("/")).Text("#needs-somebody"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Filter_shows_as_many_jobs_as_its_chip_says()
    {
        using var home = await filled.Http.PageAsync("/");
        var chip = home.QuerySelectorAll("nav[aria-label=Filter] a").Single(static link => link.GetAttribute("href") == "/?show=failing");
        using var page = await filled.Http.PageAsync("/?show=failing");
        Assert.Equal(chip.QuerySelector(".num")!.TextContent, $"{page.QuerySelectorAll("tbody tr").Length}");
        Assert.All(page.QuerySelectorAll("tbody tr"), static row => Assert.Contains("failed", row.Texts(".badge")));
    }

    [Fact]
    public async Task Jobs_can_be_ordered_by_size()
    {
        using var page = await filled.Http.PageAsync("/?sort=name");
        var names = page.Texts("tbody a.job");
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        using var sized = await filled.Http.PageAsync("/?sort=size");
        Assert.Equal(names.Count, sized.Texts("tbody a.job").Count);
        using var odd = await filled.Http.PageAsync("/?sort=mood&show=none&start=x");
        Assert.NotEmpty(odd.Texts("details[data-group] h2"));
    }
}
