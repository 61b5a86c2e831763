using Builder.Analysis.Difference;

namespace Builder.Cli.Diff;

/// <summary>What the command line asks for.</summary>
internal sealed record DiffOptions
{
    public required string Left { get; init; }

    public required string Right { get; init; }

    public DiffFormat Format { get; init; }

    /// <summary>A file; null for standard output.</summary>
    public string? Output { get; init; }

    public IReadOnlySet<CauseKind> Excluded { get; init; } = new HashSet<CauseKind>();

    public DifferenceLimits Limits { get; init; } = new();

    public ColorChoice Color { get; init; }

    public static DiffFormat FormatOf(string? output) =>
        Path.GetExtension(output) switch
        {
            ".json" => DiffFormat.Json,
            ".html" or ".htm" => DiffFormat.Html,
            _ => DiffFormat.Text,
        };
}
