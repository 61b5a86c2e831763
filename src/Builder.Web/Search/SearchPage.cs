using Builder.Web.Find;
using Builder.Web.Home;
using Builder.Web.Pages;

namespace Builder.Web.Search;

/// <summary>What was found, by group.</summary>
/// <param name="Query">As it was typed.</param>
public sealed record SearchPage(PageLayout PageLayout, string Query)
{
    /// <summary>Jobs, of which the first are shown.</summary>
    public int Found { get; init; }

    public IReadOnlyList<JobRow> Jobs { get; init; } = [];

    public IReadOnlyList<PrefixMatch> Builds { get; init; } = [];

    /// <summary>Than are shown.</summary>
    public bool HasMoreBuilds { get; init; }

    /// <summary>Packages, modules and libraries whose names begin with the query.</summary>
    public IReadOnlyList<FoundPackage> Packages { get; init; } = [];

    /// <summary>A symbol of that name, and how many binaries have it.</summary>
    public (string Name, int Binaries)? Symbol { get; init; }

    /// <summary>Only consoles were asked.</summary>
    public bool IsOfText { get; init; }

    /// <summary>Null where consoles were not asked.</summary>
    public ConsoleAnswer? Consoles { get; init; }

    public bool LooksLikeHash => Query.Length == 64;

    public bool IsEmpty =>
        Found == 0 && Builds.Count == 0 && Packages.Count == 0 && Symbol is null && Consoles is not { Places.Count: > 0 };
}
