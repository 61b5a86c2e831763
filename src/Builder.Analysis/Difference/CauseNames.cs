namespace Builder.Analysis.Difference;

/// <summary>The names of causes in JSON, on the command line and in the schedule file.</summary>
public static class CauseNames
{
    public static IReadOnlyList<string> All { get; } =
    ["timestamp", "build-path", "random", "ordering", "file-metadata", "host", "locale", "compression", "code", "content"];

    public static string NameOf(CauseKind kind) =>
        kind switch
        {
            CauseKind.Timestamp => "timestamp",
            CauseKind.BuildPath => "build-path",
            CauseKind.Random => "random",
            CauseKind.Ordering => "ordering",
            CauseKind.FileMetadata => "file-metadata",
            CauseKind.Host => "host",
            CauseKind.Locale => "locale",
            CauseKind.Compression => "compression",
            CauseKind.Code => "code",
            _ => "content",
        };

    public static bool TryParse(string name, out CauseKind kind)
    {
        foreach (var candidate in Enum.GetValues<CauseKind>())
        {
            if (NameOf(candidate) == name)
            {
                kind = candidate;
                return true;
            }
        }
        kind = default;
        return false;
    }
}
