namespace Builder.Publishing.Attestation;

/// <summary>The signer does not sign. The message says why, for the operator.</summary>
/// <param name="isFinal">Asking again gives the same answer.</param>
public sealed class AttestationRefusedException(string message, bool isFinal, Exception? innerException = null)
    : Exception(message, innerException)
{
    public bool IsFinal => isFinal;
}
