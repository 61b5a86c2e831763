namespace Builder.Publishing.Signing;

public enum SignatureKind
{
    /// <summary>OpenPGP: the text with its signature around it (<c>InRelease</c>).</summary>
    ClearSigned,

    /// <summary>OpenPGP, armoured, apart from the text (<c>Release.gpg</c>).</summary>
    Detached,

    /// <summary>RSA, PKCS #1 v1.5 with SHA-256, over the content as it is.</summary>
    Rsa,
}
