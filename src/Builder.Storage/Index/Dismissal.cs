namespace Builder.Storage.Index;

/// <summary>The operator says that a job is not affected by an advisory.</summary>
/// <param name="Time">RFC 3339.</param>
public sealed record Dismissal(string Advisory, string Job, string Because, string Time);
