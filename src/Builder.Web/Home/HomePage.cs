using Builder.Protocol.Values;
using Builder.Web.Html;
using Builder.Web.Live;
using Builder.Web.Pages;
using Microsoft.AspNetCore.Html;

namespace Builder.Web.Home;

/// <summary>The front page: jobs down, platforms across.</summary>
/// <param name="IsNew">There is no job at all yet.</param>
public sealed record HomePage(
    PageLayout PageLayout,
    bool IsEverything,
    bool IsNew,
    int ExpiredJobsDays,
    HtmlString? Intro,
    IReadOnlyList<string> Platforms,
    IReadOnlyList<HomeSection> Sections,
    HomeTotals Totals,
    ActivitySnapshot Activity
)
{
    /// <summary>Jobs from which on each has one line.</summary>
    public const int DenseFrom = 100;

    /// <summary>Alarms listed one by one.</summary>
    public const int MaxAlarms = 12;

    public HomeView View { get; init; } = new(Href.Home, null, null, 0);

    /// <summary>What needs somebody.</summary>
    public IReadOnlyList<HomeAlarm> Alarms { get; init; } = [];

    /// <summary>Jobs that the view shows, on all its pages.</summary>
    public int Shown { get; init; }

    /// <summary>A line for each job, with marks in place of words: there are many.</summary>
    public bool IsDense => Totals.Jobs >= DenseFrom;

    /// <summary>How many jobs have such a trouble.</summary>
    public int CountOf(HomeTrouble trouble) =>
        Alarms.Where(alarm => alarm.Trouble == trouble).Select(static alarm => alarm.Job).Distinct().Count();
}

public sealed record HomeSection(string Name, IReadOnlyList<HomeJob> Jobs)
{
    /// <summary>Jobs of the section, also those on other pages.</summary>
    public int Total { get; init; } = Jobs.Count;
}

/// <param name="Cells">One per platform of the page; null where the job was never built there.</param>
public sealed record HomeJob(JobRow Job, IReadOnlyList<HomeCell?> Cells, IReadOnlyList<long> Sizes)
{
    /// <summary>The newest successful build on any platform.</summary>
    public GoodBuild? Latest => Cells.Where(cell => cell?.Good is not null).Select(cell => cell!.Good!).MaxBy(good => good.Started);
}

/// <param name="Failed">The newest build, where it failed; <paramref name="Good"/> is then older.</param>
/// <param name="Running">The build under way.</param>
/// <param name="IsWaiting">It stands in the queue of the platform.</param>
public sealed record HomeCell(string Platform, GoodBuild? Good, FailedBuild? Failed, BuildUuid? Running = null, bool IsWaiting = false)
{
    /// <summary>It was reproducible, and is not any more.</summary>
    public bool IsRegression { get; init; }

    /// <summary>Beside <see cref="Verdict"/>.</summary>
    public VerdictReason? Reason => Failed is null ? Good?.Reason : null;

    /// <summary>Null where nothing came of it yet.</summary>
    public Verdict? Verdict => Failed is not null ? new Verdict(VerdictKind.Failed, 0) : Good?.Verdict.With(Good.Reason);
}

/// <param name="ReproducedBut">Reproduced but for differences that the schedule declares harmless.</param>
public sealed record HomeTotals(int Jobs, int Reproduced, int ReproducedBut, int NotReproducible, int Once, int Failing)
{
    public int Cells => Reproduced + ReproducedBut + NotReproducible + Once + Failing;
}
