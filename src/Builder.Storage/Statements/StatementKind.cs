namespace Builder.Storage.Statements;

/// <summary>What a stored statement is, as the database and the signer's protocol name it.</summary>
public static class StatementKind
{
    public const string Provenance = "provenance";
    public const string Summary = "summary";
    public const string Retraction = "retraction";
    public const string Spdx = "spdx";
    public const string CycloneDx = "cyclonedx";

    /// <summary>The list of keys, of no build.</summary>
    public const string Keys = "keys";
}
