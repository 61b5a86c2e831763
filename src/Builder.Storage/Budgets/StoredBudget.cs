namespace Builder.Storage.Budgets;

/// <summary>What builds of a job should keep to, as the schedule says.</summary>
/// <param name="Size">Bytes of the main binary; null for any.</param>
/// <param name="GrowthPermille">Over the output before; null for any.</param>
/// <param name="Time">Null for any.</param>
public sealed record StoredBudget(long? Size, int? GrowthPermille, TimeSpan? Time);
