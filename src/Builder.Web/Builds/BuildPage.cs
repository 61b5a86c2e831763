using Builder.Analysis.Elf;
using Builder.Web.Repositories;
using Builder.Web.Shared;

namespace Builder.Web.Builds;

/// <summary>One build: what it is, whether to trust it, how to get it.</summary>
/// <param name="SameOutput">Other builds of the job with the same main binary, newest first.</param>
/// <param name="OtherOutput">Builds with the same input and another main binary: not reproducible.</param>
public sealed record BuildPage(
    Frame Frame,
    BuildFacts Build,
    Solo5? Unikernel,
    IReadOnlyList<ArtifactFacts> Artifacts,
    IReadOnlyList<RelatedBuild> SameOutput,
    IReadOnlyList<RelatedBuild> OtherOutput,
    RelatedBuild? Latest,
    RelatedBuild? Earlier,
    RelatedBuild? Later)
{
    public Verdict Verdict => Verdict.Of(Build.Main is not null, Build.InputId is not null, SameOutput.Count, OtherOutput.Count);

    public IEnumerable<RelatedBuild> SameInputSameOutput => SameOutput.Where(other => Build.InputId is not null && other.InputId == Build.InputId);

    public IEnumerable<RelatedBuild> OtherInputSameOutput => SameOutput.Where(other => Build.InputId is null || other.InputId != Build.InputId);

    public BuildPublication? Publication { get; init; }

    /// <summary>There are symbols that say what the binary is made of.</summary>
    public bool HasTreemap => ShowsTreemap(Build, Artifacts);

    public bool HasSwitch => Artifacts.Any(artifact => artifact.Path.ToString() == "opam-switch");

    internal static bool ShowsTreemap(BuildFacts build, IReadOnlyList<ArtifactFacts> artifacts) =>
        build.Main is not null && artifacts.Any(artifact => artifact.Path.ToString().EndsWith(".debug", StringComparison.Ordinal));

    public bool IsLatest => Latest?.Uuid == Build.Uuid;
}
