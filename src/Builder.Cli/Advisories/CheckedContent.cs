using System.Collections.Immutable;
using Builder.Analysis.Advisories;

namespace Builder.Cli.Advisories;

/// <summary>The packages that one file names, and the binaries that were built from them.</summary>
internal sealed class CheckedContent(string name, ImmutableArray<ContainedPackage> packages)
{
    public string Name { get; } = name;

    public ImmutableArray<ContainedPackage> Packages { get; } = packages;

    public List<LinkedUnits> Binaries { get; } = [];

    public ImmutableArray<AdvisoryMatch> Match(AdvisoryMatcher matcher) =>
        [
            .. matcher
                .Match(Packages)
                .Select(match =>
                    match.Package.Ecosystem == Ecosystem.Opam ? match with { IsModuleLinked = IsLinked(match.Advisory) } : match
                ),
        ];

    private bool? IsLinked(Advisory advisory)
    {
        if (Binaries.Count == 0)
            return null;
        var answers = Binaries.Select(binary => binary.Contains(advisory.Bindings)).ToList();
        return answers.Contains(true) ? true
            : answers.Contains(null) ? null
            : false;
    }
}
