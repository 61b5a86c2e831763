namespace Builder.Storage.Values;

/// <summary>The row of a user.</summary>
public readonly record struct UserId(long Value);
