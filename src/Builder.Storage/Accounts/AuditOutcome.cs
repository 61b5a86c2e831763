namespace Builder.Storage.Accounts;

/// <summary>What came of it.</summary>
public enum AuditOutcome
{
    Done,

    /// <summary>The account may not, or the build server said no.</summary>
    Refused,

    /// <summary>It could not be tried.</summary>
    Failed,
}
