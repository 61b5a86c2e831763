namespace Builder.Analysis.Opam;

/// <summary>The bytes are not an opam file; the message is <c>file:line:column: what was expected</c>.</summary>
/// <param name="line">From 1.</param>
/// <param name="column">From 1, in bytes.</param>
public sealed class OpamSyntaxException(string file, int line, int column, string reason)
    : FormatException($"{file}:{line}:{column}: {reason}")
{
    public string File { get; } = file;

    public int Line { get; } = line;

    public int Column { get; } = column;

    public string Reason { get; } = reason;
}
