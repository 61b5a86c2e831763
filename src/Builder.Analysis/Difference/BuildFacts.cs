namespace Builder.Analysis.Difference;

/// <summary>What is known about the build that made one side. All of it is optional and only strengthens the recognition of causes.</summary>
public sealed record BuildFacts
{
    public DateTimeOffset? Start { get; init; }

    public DateTimeOffset? Finish { get; init; }

    /// <summary>The directory of the build, such as <c>/build/x</c>.</summary>
    public string? Directory { get; init; }

    public string? Host { get; init; }

    public string? User { get; init; }
}
