using System.Data.Common;

namespace Builder.Storage.Troubles;

/// <summary>Others who waited for the database gave up, and it has not answered since. The inner exception is theirs.</summary>
public sealed class DatabaseUnavailableException : DbException
{
    public DatabaseUnavailableException(string message, Exception? innerException)
        : base(message, innerException) { }

    public DatabaseUnavailableException() { }

    public DatabaseUnavailableException(string message)
        : base(message) { }

    public override bool IsTransient => true;
}
