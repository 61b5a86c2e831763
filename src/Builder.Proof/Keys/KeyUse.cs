namespace Builder.Proof.Keys;

/// <summary>What a key of a site signs.</summary>
public enum KeyUse
{
    /// <summary>Statements about builds, and the list of keys.</summary>
    Statements,

    /// <summary>Checkpoints of the transparency log.</summary>
    Log,

    /// <summary>Lists of files, for signify and minisign, and links for in-toto.</summary>
    Files,
}
