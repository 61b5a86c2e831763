namespace Builder.Proof.Log;

/// <summary>Bytes that should be a checkpoint, a key, a proof, a tile or a leaf are not. The message says what is wrong with them.</summary>
public sealed class InvalidLogDataException : Exception
{
    public InvalidLogDataException(string message)
        : base(message) { }

    public InvalidLogDataException(string message, Exception innerException)
        : base(message, innerException) { }
}
