namespace Builder.Storage.Values;

/// <summary>The row of a build.</summary>
public readonly record struct BuildId(long Value);
