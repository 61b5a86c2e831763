namespace Builder.Analysis.Opam;

/// <summary>By the letter in opam's record.</summary>
public enum InstalledFileKind
{
    /// <summary><c>F</c></summary>
    File,

    /// <summary><c>D</c></summary>
    Directory,

    /// <summary><c>L</c></summary>
    Link,

    /// <summary>A device, a pipe or a letter of a later opam.</summary>
    Other,
}
