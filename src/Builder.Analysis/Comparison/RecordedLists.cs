namespace Builder.Analysis.Comparison;

/// <summary>The lists of names with values that a build leaves of its surroundings, each in the order of the names.</summary>
public static class RecordedLists
{
    /// <summary>The artifact <c>build-environment</c>: lines of <c>KEY=VALUE</c>. Null where there are more than 100,000.</summary>
    public static IReadOnlyList<NamedVersion>? Environment(ReadOnlySpan<byte> text) =>
        NamedVersionLines.Read(text, NamedVersionLines.Variable);

    /// <summary>
    /// The artifact <c>system-packages</c>: lines of <c>name=version</c> or <c>name-version</c>. Null where there are more than 100,000.
    /// </summary>
    public static IReadOnlyList<NamedVersion>? SystemPackages(ReadOnlySpan<byte> text) =>
        NamedVersionLines.Read(text, NamedVersionLines.Package);
}
