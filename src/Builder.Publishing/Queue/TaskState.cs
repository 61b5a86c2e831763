namespace Builder.Publishing.Queue;

/// <summary>The numbers are in the database.</summary>
public enum TaskState
{
    Due = 0,

    /// <summary>Found in this state when the program starts, it is due again: whoever ran it died.</summary>
    Running = 1,

    Done = 2,

    /// <summary>A hook ended with another status than 0, by a signal or by its time limit; a publication could not be made.</summary>
    Failed = 3,

    /// <summary>The package is not fit to be published.</summary>
    Refused = 4,

    /// <summary>The package waits for a second build that agrees.</summary>
    Held = 5,

    /// <summary>The operator took the package out of the repository.</summary>
    Withdrawn = 6,
}
