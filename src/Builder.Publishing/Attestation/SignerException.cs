namespace Builder.Publishing.Attestation;

/// <summary>The signer, or its keys, cannot be used. The message says why, and what to do.</summary>
public sealed class SignerException(string message, Exception? innerException = null) : Exception(message, innerException);
