namespace Builder.Storage.Values;

/// <summary>The row of a job.</summary>
public readonly record struct JobId(long Value);
