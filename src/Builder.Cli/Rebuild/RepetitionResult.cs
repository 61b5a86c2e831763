namespace Builder.Cli.Rebuild;

/// <param name="Statement">The signed lines to report; null where there is nothing to say to others.</param>
/// <param name="Text">What came of it, for people.</param>
internal sealed record RepetitionResult(byte[]? Statement, string Text);
