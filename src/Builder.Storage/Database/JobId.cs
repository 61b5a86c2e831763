namespace Builder.Storage.Database;

/// <summary>The row of a job.</summary>
public readonly record struct JobId(long Value);
