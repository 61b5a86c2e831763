namespace Builder.Publishing.TransparencyLog;

/// <summary>The log cannot go on, or must not: going on might tell two people different things. The message is for the operator and says what to do.</summary>
public sealed class LogException : Exception
{
    public LogException(string message)
        : base(message) { }

    public LogException(string message, Exception inner)
        : base(message, inner) { }
}
