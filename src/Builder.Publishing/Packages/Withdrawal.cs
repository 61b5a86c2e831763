namespace Builder.Publishing.Packages;

/// <summary>A package that the operator took out of a branch: the same bytes go out again only by hand.</summary>
/// <param name="Sha256">Of the main binary; empty where it is not known.</param>
public sealed record Withdrawal(string Name, string Branch, string Sha256, DateTimeOffset Time);
