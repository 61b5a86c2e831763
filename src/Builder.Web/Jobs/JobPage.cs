using Builder.Protocol.Values;
using Builder.Storage.Repetitions;
using Builder.Web.Html;
using Builder.Web.Pages;
using Microsoft.AspNetCore.Html;

namespace Builder.Web.Jobs;

/// <summary>One job: how it has been doing, and what it put out.</summary>
/// <param name="Failures">No more than <see cref="MaxFailuresCounted"/>.</param>
public sealed record JobPage(
    PageLayout PageLayout,
    JobFacts Job,
    string? Platform,
    IReadOnlyList<string> Platforms,
    bool WithFailed,
    int Failures,
    IReadOnlyList<JobHistory> History,
    IReadOnlyList<JobEntry> Entries,
    int Start,
    bool HasOlder,
    HtmlString? Readme
)
{
    /// <summary>Whether the visitor may run the job.</summary>
    public bool MayAct => PageLayout.Visitor is { } visitor && JobName.TryParse(Job.Name, out var name, out _) && visitor.User.MayAct(name);

    public const int PageLength = 25;

    /// <summary>How the visitor reaches this site, without a slash at the end.</summary>
    public required string Origin { get; init; }

    /// <summary>What the charts are drawn from, each platform oldest first.</summary>
    public IReadOnlyList<HistoryBuild> Numbers { get; init; } = [];

    public const int MaxFailuresCounted = 1000;

    /// <summary>Platforms where the job was reproducible and is not any more.</summary>
    public IReadOnlyList<StoredRegression> Regressions { get; init; } = [];

    /// <summary>False where the schedule declares the differences of the newest build harmless.</summary>
    public bool Counts(StoredRegression regression) =>
        (Platform is null || Platform == regression.Platform)
        && Entries.FirstOrDefault(entry => entry.Build.Platform == regression.Platform && entry.Build.Main is not null)
            is not { Reason.IsExpected: true };
}

/// <summary>The last builds on one platform, oldest first.</summary>
public sealed record JobHistory(string Platform, IReadOnlyList<JobMark> Marks);

/// <summary>A build, standing for all with its main binary.</summary>
/// <param name="BuildsWithOutput">No more than <see cref="Verdict.MaxCounted"/>.</param>
/// <param name="Change">Of the main binary's size against the output before on the same platform.</param>
/// <param name="Before">The newest build of that output.</param>
public sealed record JobEntry(JobBuild Build, Verdict Verdict, int BuildsWithOutput, long? Change, BuildUuid? Before)
{
    /// <summary>Why it is not reproducible; null where it is, or nobody knows yet.</summary>
    public VerdictReason? Reason { get; init; }

    /// <summary>What repetitions say of its output; null where nobody repeated it.</summary>
    public RepetitionSummary? Repetitions { get; init; }

    /// <summary>Nobody gets its files or their hashes until rebuilders agree.</summary>
    public bool IsWithheld { get; init; }
}
