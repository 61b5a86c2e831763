namespace Builder.Proof.Statements;

/// <summary>A payload is no statement that Builder reads. The message says what is wrong with it.</summary>
public sealed class InvalidStatementException : Exception
{
    public InvalidStatementException(string message)
        : base(message) { }

    public InvalidStatementException(string message, Exception innerException)
        : base(message, innerException) { }
}
