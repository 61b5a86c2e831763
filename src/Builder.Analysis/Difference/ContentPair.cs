namespace Builder.Analysis.Difference;

/// <summary>Two contents that stand at the same place and are not equal.</summary>
/// <param name="Path">Of the node; empty for the compared file itself.</param>
/// <param name="Depth">0 for the compared file itself.</param>
public sealed record ContentPair(Content Left, Content Right, string Path, int Depth)
{
    /// <summary>The path of a member.</summary>
    public string PathOf(string member) => Path.Length == 0 ? member : $"{Path}/{member}";

    /// <summary>The path of a place in this content, as causes name it.</summary>
    public string PlaceOf(string place) => Path.Length == 0 ? place : $"{Path}: {place}";
}
