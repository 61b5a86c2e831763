namespace Builder.Cli.Root;

/// <summary>A package of a tree.</summary>
/// <param name="Sha256">Of its .deb file, in lower-case hexadecimal; null where that was not kept.</param>
internal sealed record TreePackage(string Name, string Version, string Architecture, string? Sha256);
