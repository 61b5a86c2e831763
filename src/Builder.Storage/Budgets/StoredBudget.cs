namespace Builder.Storage.Budgets;

/// <summary>What builds of a job should keep to, as the schedule says.</summary>
/// <param name="Size">Bytes of the main binary; null for any.</param>
/// <param name="GrowthPermille">Over the output before; null for any.</param>
/// <param name="Time">Null for any.</param>
public sealed record StoredBudget(long? Size, int? GrowthPermille, TimeSpan? Time)
{
    /// <param name="size">Bytes of the main binary; null where a build has none.</param>
    /// <param name="before">Bytes of the output before on the platform; null where there is none.</param>
    public IReadOnlyList<BudgetExcess> ExcessesOf(long? size, long? before, TimeSpan took)
    {
        var over = new List<BudgetExcess>();
        if (size > Size)
            over.Add(new BudgetExcess(BudgetExcess.Size, size.Value, Size.Value));
        if (
            GrowthPermille is { } permille
            && size is { } now
            && before is > 0 and var then
            && (now - then) * 1000m > (decimal)permille * then
        )
            over.Add(new BudgetExcess(BudgetExcess.Growth, (long)Math.Min((now - then) * 1000m / then, long.MaxValue), permille));
        if (took > Time)
            over.Add(new BudgetExcess(BudgetExcess.Time, (long)took.TotalMilliseconds, (long)Time.Value.TotalMilliseconds));
        return over;
    }
}
