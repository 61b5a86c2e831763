namespace Builder.Web.Options;

/// <summary>An option of the site cannot be; the message names it and says what it takes.</summary>
public sealed class WebOptionsException : Exception
{
    public WebOptionsException(string message)
        : base(message) { }

    public WebOptionsException() { }

    public WebOptionsException(string message, Exception innerException)
        : base(message, innerException) { }
}
