using System.Diagnostics.CodeAnalysis;

namespace Builder.Analysis.Difference;

/// <summary>A cause that a job's owner declares harmless at some paths. Changed code is never harmless.</summary>
public sealed record ExpectedDifference
{
    /// <summary>A job has at most so many.</summary>
    public const int MaxPerJob = 100;

    /// <summary>Characters of a path.</summary>
    public const int MaxPathLength = 255;

    private ExpectedDifference(CauseKind cause, string path)
    {
        Cause = cause;
        Path = path;
    }

    public CauseKind Cause { get; }

    /// <summary>
    /// A pattern: <c>*</c> stands for any characters but a slash, <c>**</c> for any characters, <c>?</c> for one. It is compared with the path of the
    /// cause as the comparison shows it, and with the part that begins at the root of the innermost archive.
    /// </summary>
    public string Path { get; }

    /// <param name="reason">What is wrong, and how to fix it.</param>
    public static bool TryCreate(
        string cause,
        string path,
        [NotNullWhen(true)] out ExpectedDifference? expected,
        [NotNullWhen(false)] out string? reason
    )
    {
        expected = null;
        reason =
            !CauseNames.TryParse(cause, out var kind)
                ? $"cause \"{cause}\" is unknown; use one of {string.Join(", ", CauseNames.All.Where(static name => name != "code"))}"
            : kind == CauseKind.Code ? "cause \"code\" cannot be expected: changed instructions always count"
            : path.Length is 0 or > MaxPathLength ? $"the path of an expected difference has 1 to {MaxPathLength} characters"
            : path.Any(char.IsControl) ? "the path of an expected difference has a control character"
            : null;
        if (reason is not null)
            return false;
        expected = new ExpectedDifference(kind, path);
        return true;
    }

    public bool Covers(Cause cause) => cause.Kind == Cause && CausePath.Forms(cause.Path).Any(form => PathPattern.Matches(Path, form));
}
