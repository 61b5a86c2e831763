namespace Builder.Proof.Keys;

/// <summary>A text or bytes that should be a key are not. The message names what is wrong, never the key.</summary>
public sealed class InvalidKeyException : Exception
{
    public InvalidKeyException(string message)
        : base(message) { }

    public InvalidKeyException(string message, Exception innerException)
        : base(message, innerException) { }
}
