namespace Builder.Proof.Keys;

/// <summary>A public key as a site's list has it.</summary>
/// <param name="From">When it came into use.</param>
/// <param name="Retired">When it was taken out of use; what it signed before stays valid. Null while it is in use.</param>
/// <param name="Revocation">Null unless others may have it.</param>
public sealed record PublishedKey(
    VerificationKey Key,
    KeyUse Use,
    DateTimeOffset From,
    DateTimeOffset? Retired = null,
    KeyRevocation? Revocation = null
)
{
    public KeyId Id => Key.Id;

    public bool IsInUse => Retired is null && Revocation is null;

    /// <param name="signed">When the statement says that it was made.</param>
    /// <param name="logIndex">Where it stands in the transparency log; null where that is not known.</param>
    public KeyStanding At(DateTimeOffset signed, long? logIndex) =>
        IsCompromisedAt(signed, logIndex) ? KeyStanding.Compromised
        : Retired is { } retired && signed > retired ? KeyStanding.TooLate
        : KeyStanding.Valid;

    private bool IsCompromisedAt(DateTimeOffset signed, long? logIndex) =>
        Revocation is { } revocation
        && (
            revocation.SinceLogIndex is { } since
                // Without a place in the log it may have been made yesterday with any time in it.
                ? logIndex is null || logIndex >= since
                : signed >= revocation.Since
        );
}
