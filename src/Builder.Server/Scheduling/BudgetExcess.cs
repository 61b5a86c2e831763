namespace Builder.Server.Scheduling;

/// <summary>Where a build goes over its budget.</summary>
/// <param name="Limit"><c>size</c> in bytes, <c>growth</c> in thousandths, <c>time</c> in milliseconds.</param>
/// <param name="Value">What the build has.</param>
/// <param name="Budget">What it may have.</param>
public sealed record BudgetExcess(string Limit, long Value, long Budget);
