namespace Builder.Web.Home;

/// <summary>Why somebody should look at a job on a platform, the most urgent first.</summary>
public enum HomeTrouble
{
    /// <summary>The newest build failed.</summary>
    Failing,

    /// <summary>The same inputs gave another output, and nobody declared the difference harmless.</summary>
    NotReproducible,

    /// <summary>An advisory applies to the newest build.</summary>
    Advisory,

    /// <summary>The newest build is larger, grew more, or took longer than the schedule allows.</summary>
    OverBudget,

    /// <summary>The schedule has not produced a build in twice its period.</summary>
    Overdue,
}

/// <param name="Details">A sentence, or the first error; null where the word says all.</param>
/// <param name="Address">Where to look, path-absolute.</param>
public sealed record HomeAlarm(HomeTrouble Trouble, string Job, string Platform, string? Details, string Address)
{
    /// <summary>As it stands in addresses.</summary>
    public static string NameOf(HomeTrouble trouble) =>
        trouble switch
        {
            HomeTrouble.Failing => "failing",
            HomeTrouble.NotReproducible => "not-reproducible",
            HomeTrouble.Advisory => "advisory",
            HomeTrouble.OverBudget => "over-budget",
            _ => "overdue",
        };

    public static string WordsOf(HomeTrouble trouble) => NameOf(trouble).Replace('-', ' ');

    public string Style => Trouble == HomeTrouble.Failing ? "bad" : "warn";
}
