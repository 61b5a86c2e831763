namespace Builder.Storage.Accounts;

/// <summary>What an account may do; each role may do what the ones before it may.</summary>
public enum AccountRole
{
    /// <summary>Uploads builds.</summary>
    Uploader,

    /// <summary>Runs, cancels and reschedules jobs, and does what else keeps a farm going.</summary>
    Operator,

    /// <summary>Looks after accounts, and reads the audit log.</summary>
    Admin,
}
