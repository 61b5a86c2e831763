namespace Builder.Proof.Links;

/// <summary>What was to be an in-toto link is none, or its signature is not valid; the message says why.</summary>
public sealed class InvalidLinkException(string message, Exception? innerException = null) : Exception(message, innerException);
