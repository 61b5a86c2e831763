using Builder.Analysis.Advisories;
using Builder.Analysis.Elf;
using Builder.Analysis.Packages;
using Builder.Analysis.Values;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;
using Builder.Storage.Index;

namespace Builder.Storage.Search;

/// <summary>
/// Enters the names of symbols in main binaries, and the libraries that are linked into them: those that are defined there and those that it takes from shared libraries. It follows the index of
/// contents, which knows each main binary once. A name is kept as 47 bits of its SHA-256: the index says which binaries have a name, not which names there are.
/// </summary>
/// <param name="maxSize">Bytes of the index; where it is larger, the oldest binaries are left out.</param>
public sealed class SymbolIndex(BuilderDatabase database, IArtifactStore store, long maxSize = SymbolIndex.DefaultMaxSize)
{
    public const long DefaultMaxSize = 256L << 20;

    private const int BinariesPerTransaction = 8;
    private const int BinariesPerSegment = 64;

    private readonly TermIndex index = new(database, TermKind.Symbols, BinariesPerSegment, maxSize);

    /// <summary>How many sets of the index of contents were not looked at yet; some of them are binaries.</summary>
    public async Task<long> RemainingAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        return await session.IntegerAsync(
            "SELECT COUNT(*) FROM package_set WHERE id > (SELECT subject FROM search_progress WHERE kind = 1)",
            cancellationToken
        );
    }

    /// <summary>Enters the next binaries.</summary>
    /// <returns>How many sets were looked at; 0 when all were.</returns>
    public async Task<int> AdvanceAsync(CancellationToken cancellationToken)
    {
        List<(long Set, byte[] Hash, bool IsBinary)> sets;
        await using (var session = await database.OpenReadAsync(cancellationToken))
            sets = await session.QueryAsync(
                """
                SELECT id, sha256, kind
                FROM package_set
                WHERE id > (SELECT subject FROM search_progress WHERE kind = 1)
                ORDER BY id
                LIMIT @most
                """,
                static row => (row.Integer(0), row.Blob(1), row.Integer(2) == 3),
                cancellationToken,
                ("@most", BinariesPerTransaction)
            );
        if (sets.Count == 0)
            return 0;
        var read = new List<(long Subject, byte[]? Terms)>();
        var libraries = new List<(long Set, IReadOnlyList<string> Names)>();
        foreach (var (set, hash, isBinary) in sets)
        {
            var (terms, names) = isBinary ? await ReadAsync(Sha256Digest.FromBytes(hash), cancellationToken) : (null, []);
            read.Add((set, terms));
            libraries.Add((set, names));
        }
        await index.AddAsync(read, sets[^1].Set, session => AddLibrariesAsync(session, libraries, cancellationToken), cancellationToken);
        return sets.Count;
    }

    /// <summary>The sets, in the index of contents, of all binaries with a symbol of this name.</summary>
    public async Task<List<long>> FindAsync(DatabaseSession session, string name, CancellationToken cancellationToken)
    {
        var found = new List<long>();
        await foreach (var numbers in index.FindAsync(session, [BinarySymbols.Term(name)], cancellationToken))
            found.AddRange((await index.SubjectsAsync(session, numbers, cancellationToken)).Values);
        return found;
    }

    /// <summary>Bytes that the index takes.</summary>
    public async Task<long> SizeAsync(DatabaseSession session, CancellationToken cancellationToken) =>
        (await index.SizeAsync(session, cancellationToken)).Size;

    private static async Task AddLibrariesAsync(
        DatabaseSession session,
        List<(long Set, IReadOnlyList<string> Names)> libraries,
        CancellationToken cancellationToken
    )
    {
        foreach (var (set, names) in libraries)
            await IndexRows.AddMembersAsync(
                session,
                set,
                names.Select(static name => new ContainedPackage(Ecosystem.Library, name, null, PackageWay.Linked)),
                cancellationToken
            );
    }

    private async Task<(byte[]? Terms, IReadOnlyList<string> Libraries)> ReadAsync(Sha256Digest hash, CancellationToken cancellationToken)
    {
        try
        {
            var stored = await store.OpenAsync(hash, cancellationToken);
            if (stored is null)
                return (null, []);
            await using (stored)
            {
                if (!ElfFile.TryRead(stored.Stream, out var file, out _))
                    return (null, []);
                var terms = BinarySymbols.Terms(file);
                var root = Dissection.TryDissect(file, DissectionOptions.Default, out var dissection, out _) ? dissection.Root : null;
                return (terms.Length > 0 ? TermSet.Pack(terms) : null, LinkedLibraries.Of(file, root));
            }
        }
        catch (DamagedContentException)
        {
            return (null, []);
        }
    }
}
