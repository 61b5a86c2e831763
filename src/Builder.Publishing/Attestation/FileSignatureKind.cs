namespace Builder.Publishing.Attestation;

/// <summary>Signatures of files that the signer makes when asked, each time the same: the site keeps none of them.</summary>
public static class FileSignatureKind
{
    /// <summary>What is asked for: all lists of a build's files.</summary>
    public const string Lists = "files";

    /// <summary>Asked for and answered: the signature of the main binary alone.</summary>
    public const string Minisign = "minisign";

    /// <summary>Hashes of all artifacts with a signature above them.</summary>
    public const string Signify = "signify";

    /// <summary>What this site got, for in-toto.</summary>
    public const string Link = "link";

    /// <summary>Who must agree, for in-toto.</summary>
    public const string Layout = "layout";
}
