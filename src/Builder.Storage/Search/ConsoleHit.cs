namespace Builder.Storage.Search;

/// <summary>A line of a console.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Text">Of the line, without its time; cut where it is long.</param>
/// <param name="Lines">How many lines have what was asked for, up to <see cref="ConsoleScan.MaxCounted"/>.</param>
public sealed record ConsoleHit(long Line, string Text, int Lines);
