using Builder.Analysis.Advisories;
using Builder.Storage.Database;
using Builder.Storage.Search;

namespace Builder.Web.Find;

/// <summary>Answers which main binaries have a symbol, or take it from a shared library.</summary>
internal sealed class SymbolFinder(SymbolIndex index)
{
    public const int MaxLength = 2000;

    /// <summary>How many different binaries have it, removed ones too.</summary>
    public async Task<int> CountAsync(DatabaseSession session, string name, CancellationToken cancellationToken) =>
        (await index.FindAsync(session, name, cancellationToken)).Count;

    public async Task<SymbolAnswer> FindAsync(
        DatabaseSession session,
        string name,
        LatestBuilds latest,
        CancellationToken cancellationToken
    )
    {
        var sets = await index.FindAsync(session, name, cancellationToken);
        var uses = await PackageQueries.UsesOfSetsAsync(session, sets, cancellationToken);
        return new SymbolAnswer(name, await PackageFinder.PlacesAsync(session, uses, Ecosystem.Module, latest, cancellationToken));
    }
}
