namespace Builder.Storage.Accounts;

/// <summary>Somebody signed in with a browser.</summary>
/// <param name="Way">Such as "password", "link".</param>
/// <param name="Agent">What the browser called itself.</param>
public sealed record AccountSession(long Id, string Way, string Address, string Agent, DateTimeOffset Created, DateTimeOffset Seen);
