using Builder.Analysis.Difference;

namespace Builder.Cli.Diff;

/// <summary>One side, ready to be compared: a file or a directory.</summary>
/// <param name="Name">As the user gave it.</param>
internal sealed record DiffInput(string Name)
{
    public Content? Content { get; init; }

    /// <summary>A directory, which for a build is a temporary one.</summary>
    public string? Directory { get; init; }

    /// <summary>False for a build: its artifacts have no modes.</summary>
    public bool HasModes { get; init; } = true;

    /// <summary>What the build says of itself.</summary>
    public BuildFacts Facts { get; init; } = new();
}
