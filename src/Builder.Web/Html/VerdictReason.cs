using System.Text.Json;
using Builder.Analysis.Difference;
using Builder.Storage.Differences;
using Builder.Storage.Repetitions;

namespace Builder.Web.Html;

/// <summary>Why a build is not reproducible, as it stands beside the verdict.</summary>
/// <param name="Cause">The strongest; null while it is not known.</param>
/// <param name="Others">How many more causes there are.</param>
/// <param name="IsFinal">Nothing more is going to be known.</param>
/// <param name="IsExpected">The schedule declares all causes harmless.</param>
public sealed record VerdictReason(Cause? Cause, int Others, bool IsFinal, bool IsExpected = false)
{
    /// <summary>Characters of a path that are shown.</summary>
    private const int MaxPath = 44;

    /// <param name="stored">Null where it was not computed yet.</param>
    /// <param name="expected">Of the job.</param>
    public static VerdictReason Of(OutputDifferences? stored, IReadOnlyList<ExpectedDifference>? expected) =>
        stored?.Shown switch
        {
            { Causes: { Count: > 0 } causes } => new VerdictReason(
                causes[0],
                causes.Count - 1,
                IsFinal: true,
                IsExpected: expected is not null && stored.AreCoveredBy(expected)
            ),
            { Causes: not null } or { IsGivenUp: true } or { Message: not null } => new VerdictReason(null, 0, IsFinal: true),
            _ => new VerdictReason(null, 0, IsFinal: false),
        };

    /// <summary>What repetitions say of the output; null where nobody repeated it.</summary>
    public RepetitionSummary? Repetitions { get; init; }

    /// <summary>Which variation changes the output; null where no repetition says so.</summary>
    public string? Variation => RepetitionText.Difference(Repetitions);

    /// <summary>In plain words, without the place.</summary>
    public string Summary =>
        Cause?.Kind switch
        {
            CauseKind.Timestamp => "build time",
            CauseKind.BuildPath => "build directory",
            CauseKind.Random => "random value",
            CauseKind.Ordering => "different order",
            CauseKind.FileMetadata => "file mode or owner",
            CauseKind.Host => "build host",
            CauseKind.Locale => "locale",
            CauseKind.Compression => "compression",
            CauseKind.Code => "different code",
            CauseKind.Content => "different content",
            _ => IsFinal ? "no reason found" : "looking for the reason",
        };

    /// <summary>The file that has it, shortened; null where nothing is known.</summary>
    public string? Place => Cause is { Path.Length: > 0 } cause ? Shorten(CausePath.FileOf(cause.Path)) : null;

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("not_reproducible");
        json.WriteString(
            "state",
            Cause is not null ? "known"
                : IsFinal ? "unknown"
                : "computing"
        );
        if (Cause is { } cause)
        {
            json.WriteString("cause", CauseNames.NameOf(cause.Kind));
            json.WriteString("path", cause.Path);
            json.WriteString("left", cause.Left);
            json.WriteString("right", cause.Right);
            json.WriteString("fix", cause.Fix);
            json.WriteBoolean("expected", IsExpected);
        }
        if (Repetitions?.Finding is { } finding)
            json.WriteString("variation", finding.Write());
        json.WriteEndObject();
    }

    /// <summary>The beginning and the file name say most: <c>usr/share/…/info.txt</c>.</summary>
    private static string Shorten(string path)
    {
        if (path.Length <= MaxPath)
            return path;
        var segments = path.Split('/');
        if (segments.Length > 3 && $"{segments[0]}/{segments[1]}/…/{segments[^1]}" is { Length: <= MaxPath } shorter)
            return shorter;
        var start = path.Length - MaxPath + 1;
        return "…" + path[(char.IsLowSurrogate(path[start]) ? start + 1 : start)..];
    }
}
