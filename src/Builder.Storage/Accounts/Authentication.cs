namespace Builder.Storage.Accounts;

/// <summary>What came of a name and a password.</summary>
public abstract record Authentication
{
    private Authentication() { }

    public sealed record Accepted(User User) : Authentication;

    /// <summary>No such user, a wrong password, or a disabled user: nobody is told which.</summary>
    public sealed record Rejected : Authentication;

    /// <summary>Too many failures with this account from this address, or too many attempts at once: not looked at before <paramref name="RetryAfter"/>.</summary>
    public sealed record Throttled(TimeSpan RetryAfter) : Authentication;
}
