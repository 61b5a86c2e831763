namespace Builder.Proof.Rebuilding;

/// <summary>A statement is signed with a key that is none of those asked.</summary>
/// <param name="keyId">As the envelope names it, unchecked; null where it names none.</param>
public sealed class UnknownSignerException(string? keyId)
    : Exception(
        keyId is null ? "none of the known rebuilders signed the statement" : $"the statement is signed with key {keyId}, which is unknown"
    )
{
    public string? KeyId { get; } = keyId;
}
