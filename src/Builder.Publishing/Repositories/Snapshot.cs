namespace Builder.Publishing.Repositories;

/// <summary>One state of a branch of a repository, whole and never changed after it went live.</summary>
public sealed record Snapshot(int Number, string Directory, DateTimeOffset Made, string Note, bool IsCurrent);
