using Builder.Protocol.Values;
using Builder.Storage.Budgets;
using Builder.Storage.Database;

namespace Builder.Web.Tests;

/// <summary>Builds over the budget of their schedule are shown.</summary>
public sealed class BudgetTests
{
    private static readonly BuildUuid Build = BuildUuid.Parse("00000000-0000-4000-8000-000000000001");

    [Theory]
    [InlineData(1500L, null, null, "size 2 kB, budget 1.5 kB")]
    [InlineData(null, 50, null, "growth 100 %, budget 5 %")]
    [InlineData(null, null, 60, "time 2 min, budget 1 min")]
    [InlineData(2000L, 1000, 120, null)]
    public async Task Build_over_budget_says_what_is_too_much_and_home_lists_it(long? size, int? growth, int? seconds, string? expected)
    {
        await using var site = await Site.FilledAsync();
        await site.AddUsersAsync();
        await using (var database = await BuilderDatabase.OpenAsync(site.Database, TestContext.Current.CancellationToken))
        {
            var budget = new StoredBudget(size, growth, seconds is { } number ? TimeSpan.FromSeconds(number) : null);
            var all = new Dictionary<string, StoredBudget> { ["heavy"] = budget };
            Assert.True(await BudgetRows.ReplaceAsync(database, all, TestContext.Current.CancellationToken));
            Assert.False(await BudgetRows.ReplaceAsync(database, all, TestContext.Current.CancellationToken));
        }
        foreach (var (uuid, length) in new[] { (BuildUuid.Parse("00000000-0000-4000-8000-000000000000"), 1000), (Build, 2000) })
        {
            var exec = await Uploads.ExecAsync(
                "heavy",
                uuid,
                Site.Recorded.AddHours(-3 + (length / 1000)),
                [("bin/heavy", new byte[length])]
            );
            using var answer = await site.UploadAsync("admin", "pw-admin", exec);
            Assert.True(answer.IsSuccessStatusCode);
        }
        using var page = await site.Http.PageAsync($"/job/heavy/build/{Build}");
        using var home = await site.Http.PageAsync("/?show=over-budget");
        if (expected is null)
        {
            Assert.DoesNotContain("over budget", page.Body!.TextContent, StringComparison.Ordinal);
            Assert.Empty(home.Texts("tbody a.job"));
            return;
        }
        Assert.Contains(expected, page.Body!.TextContent, StringComparison.Ordinal);
        Assert.Equal(["heavy"], home.Texts("tbody a.job"));
    }
}
