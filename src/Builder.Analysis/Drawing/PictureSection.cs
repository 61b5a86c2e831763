namespace Builder.Analysis.Drawing;

/// <summary>A further picture on a page, folded until it is asked for.</summary>
internal sealed record PictureSection(string Title, Action<SvgBuilder, int, string> Draw);
