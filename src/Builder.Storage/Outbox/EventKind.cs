namespace Builder.Storage.Outbox;

/// <summary>What a site tells others about. The names are in the database and in configuration files.</summary>
public static class EventKind
{
    /// <summary>A build was stored, whatever its result.</summary>
    public const string BuildStored = "build.stored";

    /// <summary>A stored build left no main binary.</summary>
    public const string BuildFailed = "build.failed";

    /// <summary>A build succeeded, and the one before it of the same job and platform had failed.</summary>
    public const string BuildFixed = "build.fixed";

    /// <summary>A build changed what is known about reproducibility, such as from built once to reproduced.</summary>
    public const string VerdictChanged = "verdict.changed";

    /// <summary>The main binary differs from that of the last successful build of the same job and platform.</summary>
    public const string OutputChanged = "output.changed";

    /// <summary>A build exceeds a limit that the schedule sets.</summary>
    public const string BudgetExceeded = "budget.exceeded";

    /// <summary>A published advisory applies to the latest build of a job.</summary>
    public const string AdvisoryMatched = "advisory.matched";

    /// <summary>A package repository offers a package of a build.</summary>
    public const string PackagePublished = "package.published";

    /// <summary>A worker that had been connected is gone.</summary>
    public const string WorkerLost = "worker.lost";

    /// <summary>Jobs wait, and no worker can take them.</summary>
    public const string QueueStuck = "queue.stuck";

    /// <summary>An operator tries a target. No event of the site.</summary>
    public const string Test = "notify.test";

    public static IReadOnlyList<string> All { get; } =
    [
        BuildStored,
        BuildFailed,
        BuildFixed,
        VerdictChanged,
        OutputChanged,
        BudgetExceeded,
        AdvisoryMatched,
        PackagePublished,
        WorkerLost,
        QueueStuck,
    ];

    /// <summary>Those that a person wants to know of.</summary>
    public static IReadOnlyList<string> ForPeople { get; } = [.. All.Except([BuildStored, OutputChanged, PackagePublished])];
}
