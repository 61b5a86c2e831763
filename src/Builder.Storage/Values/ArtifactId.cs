namespace Builder.Storage.Values;

/// <summary>The row of an artifact of one build.</summary>
public readonly record struct ArtifactId(long Value);
