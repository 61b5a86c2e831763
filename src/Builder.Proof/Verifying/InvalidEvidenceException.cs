namespace Builder.Proof.Verifying;

/// <summary>A file that should prove something cannot be read. The message says what is wrong with it.</summary>
public sealed class InvalidEvidenceException : Exception
{
    public InvalidEvidenceException(string message)
        : base(message) { }

    public InvalidEvidenceException(string message, Exception innerException)
        : base(message, innerException) { }
}
