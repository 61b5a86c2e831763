namespace Builder.Storage.Troubles;

/// <summary>The database is not one this program works with; the message says which and what mends it.</summary>
public sealed class SchemaException : Exception
{
    public SchemaException(string message)
        : base(message) { }

    public SchemaException(string message, Exception innerException)
        : base(message, innerException) { }

    public SchemaException() { }
}
