using Builder.Analysis.Advisories;
using Builder.Analysis.Elf;
using Builder.Analysis.Values;
using Builder.Storage.Repetitions;
using Builder.Web.Html;
using Builder.Web.Pages;
using Builder.Web.Rebuilders;
using Builder.Web.Repositories;

namespace Builder.Web.Builds;

/// <summary>One build: what it is, whether to trust it, how to get it.</summary>
/// <param name="SameInputSameOutput">Other builds of the job with the same input and the same main binary.</param>
/// <param name="OtherInputSameOutput">Builds of the job with another input, or an unknown one, and the same main binary.</param>
/// <param name="OtherOutput">Builds with the same input and another main binary: not reproducible.</param>
public sealed record BuildPage(
    PageLayout PageLayout,
    BuildFacts Build,
    Solo5? Unikernel,
    IReadOnlyList<ArtifactFacts> Artifacts,
    RelatedBuilds SameInputSameOutput,
    RelatedBuilds OtherInputSameOutput,
    RelatedBuilds OtherOutput,
    RelatedBuild? Latest,
    RelatedBuild? Earlier,
    RelatedBuild? Later
)
{
    public long SameOutput => SameInputSameOutput.Count + OtherInputSameOutput.Count;

    public Verdict Verdict => Verdict.Of(Build.Main is not null, Build.InputId is not null, (int)SameOutput, (int)OtherOutput.Count);

    /// <summary>Why it is not reproducible; null where it is, or nobody knows yet.</summary>
    public VerdictReason? Reason { get; init; }

    /// <summary>Builds with the same first error that are counted.</summary>
    public const int MaxSameErrors = 99;

    /// <summary>Why it failed; null where it did not.</summary>
    public FailureStory? Story { get; init; }

    /// <summary>Where it goes over the budget of its job.</summary>
    public IReadOnlyList<string> OverBudget { get; init; } = [];

    /// <summary>Of a build that succeeded, one of the same inputs that failed: it is flaky.</summary>
    public BuildLink? FailedToo { get; init; }

    /// <summary>What repetitions say of its main binary; null where nobody repeated it.</summary>
    public RepetitionSummary? Repetitions { get; init; }

    /// <summary>Which build it repeats; null where it repeats none.</summary>
    public StoredRepetition? Repeats { get; init; }

    /// <summary>Where its trace is shown; null where the operator does not say.</summary>
    public string? TraceUrl { get; init; }

    public BuildPublication? Publication { get; init; }

    /// <summary>The line that builds it again elsewhere; null where the site's address cannot stand in one.</summary>
    public string? ReproduceCommand { get; init; }

    /// <summary>What rebuilders say; null where none said anything and nothing waits for them.</summary>
    public BuildQuorum? Quorum { get; init; }

    /// <summary>Nobody gets its files or their hashes yet.</summary>
    public bool IsWithheld => Quorum?.Quorum.IsWithheld == true;

    /// <summary>Those that apply to packages in it.</summary>
    public IReadOnlyList<AdvisoryMatch> Advisories { get; init; } = [];

    /// <summary>Why the operator says that an advisory does not apply, by its id.</summary>
    public IReadOnlyDictionary<string, string> Dismissals { get; init; } = new Dictionary<string, string>();

    /// <summary>Files of this build whose stored content is not what its hash says.</summary>
    public IReadOnlySet<Sha256Digest> Damaged { get; init; } = new HashSet<Sha256Digest>();

    /// <summary>There are symbols that say what the binary is made of.</summary>
    public bool HasTreemap => ShowsTreemap(Build, Artifacts);

    /// <summary>They fill the column beside the facts; without them the facts go there.</summary>
    public bool HasPictures => HasTreemap || HasSwitch;

    public bool HasSwitch => Artifacts.Any(artifact => artifact.Path.ToString() == "opam-switch");

    internal static bool ShowsTreemap(BuildFacts build, IReadOnlyList<ArtifactFacts> artifacts) =>
        build.Main is not null && artifacts.Any(artifact => artifact.Path.ToString().EndsWith(".debug", StringComparison.Ordinal));

    /// <summary>It says that it started later than now.</summary>
    public bool IsInTheFuture { get; init; }

    public bool IsLatest => Latest?.Uuid == Build.Uuid;
}
