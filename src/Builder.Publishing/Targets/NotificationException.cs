namespace Builder.Publishing.Targets;

/// <summary>The configuration of notifications cannot be; the message has a line for each fault, with its place and how to fix it.</summary>
public sealed class NotificationException : Exception
{
    public NotificationException(string message)
        : base(message) { }

    public NotificationException() { }

    public NotificationException(string message, Exception innerException)
        : base(message, innerException) { }
}
