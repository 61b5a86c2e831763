namespace Builder.Analysis.Comparison;

/// <summary>The lists of names with values that a build leaves of its surroundings, each in the order of the names.</summary>
public static class RecordedLists
{
    /// <summary>The artifact <c>build-environment</c>: lines of <c>KEY=VALUE</c>. Null where there are more than 100,000.</summary>
    public static IReadOnlyList<NamedVersion>? Environment(ReadOnlySpan<byte> text) =>
        NamedVersionLines.Read(text, NamedVersionLines.Variable);

    /// <summary>
    /// A line of <c>system-packages</c> that begins with this is no package: it names what the job saw as its root directory
    /// (<c>builder-root:tree=sha256:HEX</c>).
    /// </summary>
    public const string RootPrefix = "builder-root:";

    /// <summary>
    /// The artifact <c>system-packages</c>: lines of <c>name=version</c> or <c>name-version</c>. Null where there are more than 100,000.
    /// </summary>
    public static IReadOnlyList<NamedVersion>? SystemPackages(ReadOnlySpan<byte> text)
    {
        var packages = NamedVersionLines.Read(text, NamedVersionLines.Package);
        packages?.RemoveAll(static package => package.Name.StartsWith(RootPrefix, StringComparison.Ordinal));
        return packages;
    }
}
