namespace Builder.Analysis.Difference.Causes;

/// <summary>Names the cause of two values that stand at the same place.</summary>
public sealed class CauseFinder(DifferenceOptions options)
{
    private const int MaxShown = 200;

    /// <summary>The first of <see cref="FindAll"/>.</summary>
    public CauseKind Find(string left, string right) => FindAll(left, right)[0];

    /// <summary>The causes of two texts that differ, such as a line or a string of a program; <see cref="CauseKind.Content"/> where none is recognised.</summary>
    /// <remarks>One line may hold a time and a path. Each that is recognised is replaced by a mark before the next is looked for.</remarks>
    public IReadOnlyList<CauseKind> FindAll(string left, string right)
    {
        if (LocalePattern.IsCause(left, right))
            return [CauseKind.Locale];
        // A random name may have a path around it, and a path may have a date in it.
        if (RandomPattern.IsCause(left, right))
            return [CauseKind.Random];
        var causes = new List<CauseKind>();
        var (a, b) = (left, right);
        var (leftTimes, rightTimes) = (TimestampPattern.Replace(left), TimestampPattern.Replace(right));
        if (leftTimes.Found.Count == rightTimes.Found.Count && !leftTimes.Found.SequenceEqual(rightTimes.Found))
        {
            (a, b) = (leftTimes.Marked, rightTimes.Marked);
            causes.Add(CauseKind.Timestamp);
        }
        if (a != b && BuildPathPattern.TryMark(a, b, options, out var markedLeft, out var markedRight))
        {
            (a, b) = (markedLeft, markedRight);
            causes.Add(CauseKind.BuildPath);
        }
        if (a == b)
            return causes.Count > 0 ? causes : [CauseKind.Content];
        if (RandomPattern.IsCause(a, b))
            causes.Add(CauseKind.Random);
        else if (HostPattern.IsCause(a, b, options))
            causes.Add(CauseKind.Host);
        else if (a.Trim() != b.Trim())
            causes = WithoutKnown(left, right, a, b, causes);
        return causes.Count > 0 ? causes : [CauseKind.Content];
    }

    /// <summary>A cause with its evidence cut to what people read.</summary>
    /// <param name="strength">That of the kind where null, see <see cref="CauseStrength"/>.</param>
    /// <param name="fix">The usual sentence for the kind where null.</param>
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Performance", "CA1822", Justification = "Whoever has the finder has all of it.")]
    public Cause Create(CauseKind kind, string path, string left, string right, int? strength = null, string? fix = null) =>
        new(kind, path, Shown(left), Shown(right), fix ?? Fixes.For(kind)) { Strength = strength ?? CauseStrength.Of(kind) };

    /// <summary>Printable and short.</summary>
    public static string Shown(string text)
    {
        if (text.Length > MaxShown)
            text = $"{text[..MaxShown]}…";
        return string.Create(
            text.Length,
            text,
            (span, from) =>
            {
                for (var i = 0; i < from.Length; i++)
                    span[i] = char.IsControl(from[i]) ? '·' : from[i];
            }
        );
    }

    // What is left over differs for no known reason: a known cause stays only if it explains most of the line.
    private List<CauseKind> WithoutKnown(string left, string right, string a, string b, List<CauseKind> causes)
    {
        if (HostPattern.IsCause(left, right, options))
            return [CauseKind.Host];
        causes.Add(CauseKind.Content);
        return a.Length > left.Length || b.Length > right.Length ? [CauseKind.Content] : causes;
    }
}
