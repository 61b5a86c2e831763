namespace Builder.Cli.Record;

/// <summary>What the command line of <c>builder record</c> says.</summary>
internal sealed record RecordOptions
{
    /// <summary>The program and its arguments; empty to record only.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>Files and directories whose files are inputs.</summary>
    public IReadOnlyList<string> Inputs { get; init; } = [];

    /// <summary>Git checkouts.</summary>
    public IReadOnlyList<string> Checkouts { get; init; } = [];

    /// <summary>To download into the current directory.</summary>
    public IReadOnlyList<Download> Downloads { get; init; } = [];

    /// <summary>Variables beyond the usual ones.</summary>
    public IReadOnlyList<string> Variables { get; init; } = [];

    public string Out { get; init; } = ".";
}
