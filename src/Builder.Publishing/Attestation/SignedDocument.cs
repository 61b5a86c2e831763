namespace Builder.Publishing.Attestation;

/// <summary>A signed statement on its way from the signer to the site.</summary>
/// <param name="Build">Its uuid; empty for the list of keys.</param>
/// <param name="Envelope">The bytes to be served.</param>
/// <param name="LogIndex">Where it stands in the transparency log; null without one.</param>
/// <param name="Created">Seconds since 1970.</param>
/// <param name="Subjects">SHA-256 of artifacts, in hexadecimal, by which it is to be found.</param>
public sealed record SignedDocument(
    string Build,
    string Kind,
    byte[] Envelope,
    string KeyId,
    long? LogIndex,
    long Created,
    IReadOnlyList<string> Subjects
);
