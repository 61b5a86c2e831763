namespace Builder.Storage.Accounts;

/// <summary>A session that counts, and whose it is.</summary>
public sealed record SignedIn(User User, AccountSession Session);
