namespace Builder.Storage.Database;

/// <summary>The row of a user.</summary>
public readonly record struct UserId(long Value);
