namespace Builder.Cli.Programs;

/// <summary>A program to run, without a shell.</summary>
/// <param name="Program">A path, or a name that is looked up in PATH.</param>
internal sealed record ProgramStart(string Program, params IReadOnlyList<string> Arguments)
{
    /// <summary>All variables that the program gets; null for those of this process.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>Null for the directory of this process.</summary>
    public string? Directory { get; init; }
}
