namespace Builder.Analysis.Difference;

/// <summary>A file, a member of an archive or a part of a file that differs. What is equal has no node.</summary>
public sealed class DifferenceNode(string path, string kind)
{
    /// <summary>Inside the compared file: <c>data.tar.xz/./usr/bin/x</c>, empty for the file itself. A part of a file: <c>usr/bin/x: .text</c>.</summary>
    public string Path { get; } = path;

    /// <summary>What it was read as: <c>tar</c>, <c>ELF</c>, <c>text</c>, <c>bytes</c>.</summary>
    public string Kind { get; } = kind;

    public DifferenceStatus Status { get; set; } = DifferenceStatus.Changed;

    /// <summary>All of it follows from other differences.</summary>
    public bool Follows { get; set; }

    public ContentSummary? Left { get; set; }

    public ContentSummary? Right { get; set; }

    public List<Cause> Causes { get; } = [];

    public List<Change> Changes { get; } = [];

    public List<DifferenceNode> Children { get; } = [];

    /// <summary>What was cut or could not be read, and why.</summary>
    public List<string> Notices { get; } = [];
}
