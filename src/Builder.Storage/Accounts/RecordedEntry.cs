namespace Builder.Storage.Accounts;

/// <summary>An entry of the audit log with its number, and when it was made.</summary>
public sealed record RecordedEntry(long Id, DateTimeOffset Time, AuditEntry Entry);
