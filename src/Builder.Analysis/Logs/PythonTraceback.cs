namespace Builder.Analysis.Logs;

/// <summary>A traceback says at its end, at its own indentation, what was raised.</summary>
internal sealed class PythonTraceback
{
    private int indentation = -1;

    /// <summary>Null where the line belongs to no traceback.</summary>
    public LineClass? Classify(string text)
    {
        var trimmed = text.AsSpan().TrimStart();
        if (trimmed.StartsWith("Traceback (most recent call last):"))
        {
            indentation = text.Length - trimmed.Length;
            return LineClass.Neutral;
        }
        if (indentation < 0)
            return null;
        if (trimmed.IsEmpty || text.Length - trimmed.Length > indentation)
            return LineClass.Neutral;
        indentation = -1;
        var end = trimmed.IndexOf(':');
        var name = end < 0 ? trimmed : trimmed[..end];
        // The output of the command that was called says why it failed.
        return name.EndsWith("CalledProcessError") || name is "SystemExit"
            ? LineClass.Consequence("python")
            : LineClass.Diagnostic("python");
    }
}
