using System.CommandLine;

namespace Builder.Cli.Parsing;

/// <summary>A command line, read.</summary>
internal sealed record CommandLineReading
{
    /// <summary>From the root to the command that was named.</summary>
    public required IReadOnlyList<Command> Path { get; init; }

    /// <summary>The same command line in a form that can be read in one way only: <c>--name=value</c>, arguments after <c>--</c>.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>What cannot be understood; null where nothing is wrong so far.</summary>
    public string? Error { get; init; }

    /// <summary>Help is asked for, which goes before every error; null where it is not. Empty without a format.</summary>
    public string? Help { get; init; }

    public bool IsVersion { get; init; }
}
