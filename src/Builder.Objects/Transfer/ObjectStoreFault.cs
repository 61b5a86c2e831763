namespace Builder.Objects.Transfer;

/// <summary>Why the object store did not do what was asked of it, after the retries that could help.</summary>
public enum ObjectStoreFault
{
    /// <summary>No connection, or it broke, again and again.</summary>
    Unreachable,

    /// <summary>It takes the connection and then says nothing.</summary>
    TimedOut,

    /// <summary>It answers with 5xx or "slow down".</summary>
    Overloaded,

    /// <summary>There is no such bucket.</summary>
    NoSuchBucket,

    /// <summary>It does not know the access key, or the secret is another.</summary>
    KeyRefused,

    /// <summary>The key is right, but may not do this.</summary>
    AccessDenied,

    /// <summary>Its clock and ours differ by more than it allows (15 minutes).</summary>
    ClockSkew,

    /// <summary>The bytes that arrived have another hash than those that were sent.</summary>
    Damaged,

    /// <summary>No access key is configured here.</summary>
    NoKey,

    /// <summary>Anything else; the message has the answer.</summary>
    Refused,
}
