namespace Builder.Analysis.Drawing;

/// <summary>How a treemap is drawn.</summary>
public sealed record TreemapOptions
{
    /// <summary>What the picture is of: the file's name.</summary>
    public string Title { get; init; } = "Binary";

    /// <summary>Of a single SVG, in pixels; it scales, and the text with it. A page holds drawings for several widths.</summary>
    public int Width { get; init; } = 1280;

    /// <summary>Where the page finds the script that adds zoom, search and pinning; it is complete without.</summary>
    public string? ScriptUrl { get; init; }
}
