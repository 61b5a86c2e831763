using System.Text;
using Builder.Analysis.Opam;

namespace Builder.Storage.Ingestion;

/// <summary>What an upload says about its job; null where it says nothing, and what was known stays.</summary>
internal sealed record JobTags(string? Section, string? Synopsis, string? Description, string? Readme)
{
    private const long MaxSwitchSize = 16 << 20;
    private const long MaxReadmeSize = 1 << 20;
    private const string ReadmeName = "README.md";

    public IEnumerable<(string Tag, string Value)> Values =>
        new[] { ("section", Section), ("synopsis", Synopsis), ("description", Description), ("readme", Readme) }
            .Where(tag => tag.Item2 is not null)
            .Select(tag => (tag.Item1, tag.Item2!));

    public static bool IsReadme(string path) => path == ReadmeName || path.EndsWith("/" + ReadmeName, StringComparison.Ordinal);

    public static async Task<JobTags> ReadAsync(IReadOnlyList<StagedArtifact> artifacts, CancellationToken cancellationToken)
    {
        var summary = await SummaryAsync(artifacts.FirstOrDefault(artifact => artifact.Name == "opam-switch"), cancellationToken);
        var readme =
            artifacts.FirstOrDefault(artifact => artifact.Name == ReadmeName)
            ?? artifacts.FirstOrDefault(artifact => IsReadme(artifact.Name));
        var text = readme is { Length: <= MaxReadmeSize }
            ? Encoding.UTF8.GetString(await File.ReadAllBytesAsync(readme.File, cancellationToken))
            : null;
        return new JobTags(Storable(summary?.Section), Storable(summary?.Synopsis), Storable(summary?.Description), Storable(text));
    }

    private static async Task<SwitchSummary?> SummaryAsync(StagedArtifact? opamSwitch, CancellationToken cancellationToken)
    {
        if (opamSwitch is null or { Length: > MaxSwitchSize })
            return null;
        var bytes = await File.ReadAllBytesAsync(opamSwitch.File, cancellationToken);
        // A switch that cannot be read is no reason to refuse the build: it only says nothing about the job.
        return SwitchExport.TryParse(bytes, opamSwitch.Name, out var export, out _) ? SwitchSummary.Of(export) : null;
    }

    private static string? Storable(string? text) => text?.Replace('\0', '\uFFFD');
}
