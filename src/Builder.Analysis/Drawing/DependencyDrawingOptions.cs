namespace Builder.Analysis.Drawing;

/// <summary>How a dependency graph is drawn.</summary>
public sealed record DependencyDrawingOptions
{
    /// <summary>Of a single SVG, in pixels; it scales, and the text with it. A page holds drawings for several widths.</summary>
    public int Width { get; init; } = 1280;

    /// <summary>Around a direct dependency stands all that it reaches, not only what it names itself.</summary>
    public bool Transitive { get; init; }

    /// <summary>Roots that the page links to as <c>?root=NAME</c>, beside all together, where there are several. Empty for no links.</summary>
    public IReadOnlyList<string> LinkedRoots { get; init; } = [];

    /// <summary>Where the page finds the script that adds search and pinning; it is complete without.</summary>
    public string? ScriptUrl { get; init; }
}
