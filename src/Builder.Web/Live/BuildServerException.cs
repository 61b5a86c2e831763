namespace Builder.Web.Live;

/// <summary>The build server cannot be asked; the message is for the page.</summary>
internal sealed class BuildServerException : Exception
{
    public BuildServerException(string message)
        : base(message) { }

    public BuildServerException(string message, Exception innerException)
        : base(message, innerException) { }

    public BuildServerException() { }
}
