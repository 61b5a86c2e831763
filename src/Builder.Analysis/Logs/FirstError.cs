namespace Builder.Analysis.Logs;

/// <summary>The line of a log that started the failure.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Text">The line without terminal codes, times and the marks of a tool that only passes it on.</param>
/// <param name="Tool">The program that says it: <c>gcc</c>, <c>ocaml</c>, <c>opam</c>, <c>cp</c>, …; <c>error</c> where the line names none.</param>
/// <param name="Subject">The opam package that was being built; null outside opam.</param>
/// <param name="Context">Lines around it, the line itself among them, as <paramref name="Text"/> has them.</param>
/// <param name="Fingerprint">16 hexadecimal digits, equal for errors that differ only in paths, numbers, times and addresses.</param>
public sealed record FirstError(long Line, string Text, string Tool, string? Subject, IReadOnlyList<string> Context, string Fingerprint)
{
    /// <summary>What the tool says in the lines below, on one line; null where the line says it all.</summary>
    public string? Details { get; init; }

    /// <summary>What happened, without the place in front: a heading for all builds that fail for it.</summary>
    public string Summary => Places.WithoutPlace(Details is null ? Text : $"{Text} {Details}");
}
