namespace Builder.Storage.Accounts;

/// <summary>Who did what, when, from where, with what result.</summary>
/// <param name="Actor">The account's name; for commands the user of the machine.</param>
/// <param name="Way">How it was known who it is: "session", "token NAME", "password", "command line".</param>
/// <param name="Action">Such as "run", "sign-in".</param>
/// <param name="Subject">To what: a job, a build, an account.</param>
/// <param name="Detail">Why it was refused or failed; else what else there is to say.</param>
public sealed record AuditEntry(
    string Actor,
    string Way,
    string Address,
    string Action,
    string Subject,
    AuditOutcome Outcome,
    string Detail = ""
);
