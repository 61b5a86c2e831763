namespace Builder.Publishing.Outgoing;

/// <summary>A name leads only to addresses that connections may not go to. The message names them.</summary>
public sealed class ForbiddenAddressException : IOException
{
    public ForbiddenAddressException(string message)
        : base(message) { }

    public ForbiddenAddressException() { }

    public ForbiddenAddressException(string message, Exception innerException)
        : base(message, innerException) { }
}
