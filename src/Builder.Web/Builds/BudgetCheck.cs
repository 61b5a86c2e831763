using System.Globalization;
using Builder.Storage.Budgets;
using Builder.Web.Html;

namespace Builder.Web.Builds;

/// <summary>Where a build goes over the budget of its job.</summary>
internal static class BudgetCheck
{
    /// <param name="earlier">The output before on the platform; null where there is none.</param>
    /// <returns>A phrase for each excess, such as "8.4 MB, budget 8 MB".</returns>
    public static IReadOnlyList<string> Of(StoredBudget budget, BuildFacts build, RelatedBuild? earlier)
    {
        var over = new List<string>();
        if (build.Main is { } main)
        {
            if (budget.Size is { } size && main.Size > size)
                over.Add($"size {Wording.Bytes(main.Size)}, budget {Wording.Bytes(size)}");
            if (
                budget.GrowthPermille is { } permille
                && earlier is { Size: > 0 }
                && (main.Size - earlier.Size) * 1000m > (decimal)permille * earlier.Size
            )
                over.Add(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"growth {(main.Size - earlier.Size) * 100m / earlier.Size:0.#} %, budget {permille / 10m:0.#} %"
                    )
                );
        }
        var took = build.Finished - build.Started;
        if (budget.Time is { } time && took > time)
            over.Add($"time {Wording.Duration(took)}, budget {Wording.Duration(time)}");
        return over;
    }
}
