namespace Builder.Web.OpenId;

/// <summary>Signing in with the provider failed; the message is for whoever tries, and for the log.</summary>
internal sealed class OpenIdException : Exception
{
    public OpenIdException(string message)
        : base(message) { }

    public OpenIdException(string message, Exception innerException)
        : base(message, innerException) { }

    public OpenIdException() { }
}
