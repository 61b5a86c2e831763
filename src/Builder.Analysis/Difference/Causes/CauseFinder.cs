namespace Builder.Analysis.Difference.Causes;

/// <summary>Names the cause of two values that stand at the same place.</summary>
public sealed class CauseFinder(DifferenceOptions options)
{
    private const int MaxShown = 200;

    /// <summary>The cause of two texts that differ, such as a line or a string of a program; <see cref="CauseKind.Content"/> where none is recognised.</summary>
    public CauseKind Find(string left, string right)
    {
        if (BuildPathPattern.IsCause(left, right, options))
            return CauseKind.BuildPath;
        return RandomPattern.IsCause(left, right) ? CauseKind.Random : CauseKind.Content;
    }

    /// <summary>A cause with its evidence cut to what people read.</summary>
    /// <param name="strength">That of the kind where null, see <see cref="CauseStrength"/>.</param>
    /// <param name="fix">The usual sentence for the kind where null.</param>
    public Cause Create(CauseKind kind, string path, string left, string right, int? strength = null, string? fix = null) =>
        new(kind, path, Shown(left), Shown(right), fix ?? Fixes.For(kind)) { Strength = strength ?? CauseStrength.Of(kind) };

    /// <summary>Printable and short.</summary>
    public static string Shown(string text)
    {
        if (text.Length > MaxShown)
            text = $"{text[..MaxShown]}…";
        return string.Create(text.Length, text, (span, from) =>
        {
            for (var i = 0; i < from.Length; i++)
                span[i] = char.IsControl(from[i]) ? '·' : from[i];
        });
    }
}
