namespace Builder.Analysis.Opam;

/// <summary>What a list of jobs says of a build: section, and the root's synopsis and description. All null without exactly one root.</summary>
public sealed record SwitchSummary(string? Section, string? Synopsis, string? Description)
{
    public const string Packages = "Packages";
    public const string Unikernels = "Unikernels";
    public const string UnikernelsWithMetrics = "Unikernels (with metrics reported to Influx)";

    private static readonly OpamText Influx = OpamText.FromUtf8("metrics-influx");
    private static readonly OpamText Monitoring = OpamText.FromUtf8("mirage-monitoring");

    public static SwitchSummary Of(SwitchExport export) =>
        export.Roots is [var root]
            ? new SwitchSummary(SectionOf(export, root), export.Root?.Synopsis, export.Root?.Description)
            : new SwitchSummary(null, null, null);

    private static string SectionOf(SwitchExport export, PackageId root)
    {
        var package = export.Root;
        if (package?["x-mirage-opam-lock-location"] is null && !root.Name.Span.StartsWith("mirage-unikernel-"u8))
            return Packages;
        return export.Installed.Any(installed => installed.Name == Influx) || (package?.Depends.Contains(Monitoring) ?? false)
            ? UnikernelsWithMetrics
            : Unikernels;
    }
}
