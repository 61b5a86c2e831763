namespace Builder.Publishing.Files;

/// <summary>A repository, its key or a program it needs is not as it must be. The message is for the operator and names the mend.</summary>
public sealed class RepositoryException : Exception
{
    public RepositoryException(string message)
        : base(message) { }

    public RepositoryException(string message, Exception inner)
        : base(message, inner) { }
}
