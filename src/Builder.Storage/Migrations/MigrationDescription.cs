namespace Builder.Storage.Migrations;

/// <summary>A step for the list that operators read.</summary>
public sealed record MigrationDescription(string Identifier, long OldVersion, long NewVersion, string Summary, string RollbackSummary);
