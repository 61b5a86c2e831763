namespace Builder.Proof.Statements;

/// <summary>Bytes that should be a signed envelope are not. The message says what is wrong with them.</summary>
public sealed class InvalidEnvelopeException : Exception
{
    public InvalidEnvelopeException(string message)
        : base(message) { }

    public InvalidEnvelopeException(string message, Exception innerException)
        : base(message, innerException) { }
}
