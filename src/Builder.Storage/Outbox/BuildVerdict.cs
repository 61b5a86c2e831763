namespace Builder.Storage.Outbox;

/// <summary>The words of verdicts in events; they are part of the payload's format.</summary>
internal static class BuildVerdict
{
    public const string Failed = "failed";
    public const string NotReproducible = "not reproducible";
    public const string Reproduced = "reproduced";
    public const string BuiltOnce = "built once";
}
