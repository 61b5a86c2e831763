using System.Globalization;
using Builder.Storage.Budgets;
using Builder.Web.Html;

namespace Builder.Web.Builds;

/// <summary>Where a build goes over the budget of its job, in words.</summary>
internal static class BudgetCheck
{
    /// <param name="earlier">The output before on the platform; null where there is none.</param>
    /// <returns>A phrase for each excess, such as "size 8.4 MB, budget 8 MB".</returns>
    public static IReadOnlyList<string> Of(StoredBudget budget, BuildFacts build, RelatedBuild? earlier) =>
        [.. budget.ExcessesOf(build.Main?.Size, earlier?.Size, build.Finished - build.Started).Select(Phrase)];

    private static string Phrase(BudgetExcess over) =>
        over.Limit switch
        {
            BudgetExcess.Size => $"size {Wording.Bytes(over.Value)}, budget {Wording.Bytes(over.Budget)}",
            BudgetExcess.Growth => string.Create(
                CultureInfo.InvariantCulture,
                $"growth {over.Value / 10m:0.#} %, budget {over.Budget / 10m:0.#} %"
            ),
            _ =>
                $"time {Wording.Duration(TimeSpan.FromMilliseconds(over.Value))}, budget {Wording.Duration(TimeSpan.FromMilliseconds(over.Budget))}",
        };
}
