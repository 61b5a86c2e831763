namespace Builder.Storage.Failures;

/// <summary>The first error of a failed build.</summary>
/// <param name="Line">In the console, from 1.</param>
/// <param name="Subject">The opam package that was being built; null outside opam.</param>
/// <param name="Summary">What happened, without the place.</param>
public sealed record StoredFailure(
    string Fingerprint,
    long Line,
    string Tool,
    string? Subject,
    string Summary,
    string Text,
    IReadOnlyList<string> Context
);
