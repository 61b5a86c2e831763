namespace Builder.Proof.Keys;

/// <summary>What a signature by a key is worth.</summary>
public enum KeyStanding
{
    /// <summary>The list does not have the key.</summary>
    Unknown,

    /// <summary>The key was in use when it signed.</summary>
    Valid,

    /// <summary>The key signed after it was taken out of use.</summary>
    TooLate,

    /// <summary>Others may have had the key when it signed.</summary>
    Compromised,
}
