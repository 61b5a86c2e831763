namespace Builder.Proof.Sbom;

/// <summary>How a component got into the build.</summary>
internal enum SbomOrigin
{
    /// <summary>Installed by opam.</summary>
    Opam,

    /// <summary>A source that is vendored into a directory of the root.</summary>
    Duniverse,

    /// <summary>A package of the operating system.</summary>
    System,

    /// <summary>A source file that the build named.</summary>
    Input,
}
