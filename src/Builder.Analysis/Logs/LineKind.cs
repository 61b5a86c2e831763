namespace Builder.Analysis.Logs;

/// <summary>What a line of a log says about a failure, the stronger the higher.</summary>
internal enum LineKind
{
    /// <summary>Something went on.</summary>
    Progress,

    /// <summary>Belongs to the lines around it: a gutter, a note, a warning, an empty line.</summary>
    Neutral,

    /// <summary>A command as <c>set -x</c> shows it.</summary>
    Trace,

    /// <summary>Follows from an error that was said before.</summary>
    Consequence,

    /// <summary>An error in a form that many programs use, also for what their callers survive.</summary>
    Complaint,

    /// <summary>A diagnostic of a compiler, a package manager, an interpreter.</summary>
    Diagnostic,
}
