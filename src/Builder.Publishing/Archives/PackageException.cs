namespace Builder.Publishing.Archives;

/// <summary>A package that cannot be published as it is. The message is for the person who built it; nothing was changed.</summary>
public sealed class PackageException : Exception
{
    public PackageException(string message)
        : base(message) { }

    public PackageException(string message, Exception inner)
        : base(message, inner) { }
}
