using System.Runtime.CompilerServices;
using Builder.Analysis.Values;
using Builder.Objects.Transfer;
using Builder.Storage.Buckets;
using Builder.Storage.Database;
using Builder.Storage.Values;

namespace Builder.Storage.Sweeping;

/// <summary>Contents of the bucket beside the rows that name them, both in the order of their hashes, a page at a time.</summary>
internal sealed class BucketContents(ObjectClient client, BuilderDatabase database)
{
    /// <summary>What no row names and is younger may belong to an upload under way.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromDays(1);

    private const int ObjectsAtOnce = 1000;

    private static readonly byte[] Last = [.. Enumerable.Repeat(byte.MaxValue, Sha256Digest.SizeInBytes)];

    /// <param name="Objects">A digest is null where the key is none of ours.</param>
    /// <param name="Rows">All that are named between the page before and the end of this one.</param>
    public sealed record Page(
        IReadOnlyList<(Sha256Digest? Digest, ObjectInfo Info)> Objects,
        IReadOnlyDictionary<Sha256Digest, NamedContent> Rows
    );

    /// <param name="Smallest">What the rows say of its size.</param>
    public sealed record NamedContent(long Smallest, long Largest, BuildId Build);

    /// <param name="prefix"><see cref="BucketKeys.Artifacts"/> or <see cref="BucketKeys.Chunks"/>.</param>
    public async IAsyncEnumerable<Page> PagesAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] after = [];
        var objects = new List<(Sha256Digest? Digest, ObjectInfo Info)>();
        await foreach (var one in client.ListAsync(prefix, cancellationToken))
        {
            objects.Add((BucketKeys.DigestOf(one.Key), one));
            if (objects.Count < ObjectsAtOnce || objects[^1].Digest is not { } last)
                continue;
            yield return new Page(objects, await RowsAsync(after, last.ToByteArray(), cancellationToken));
            after = last.ToByteArray();
            objects = [];
        }
        yield return new Page(objects, await RowsAsync(after, Last, cancellationToken));
    }

    private async Task<Dictionary<Sha256Digest, NamedContent>> RowsAsync(byte[] after, byte[] to, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        var rows = await session.QueryAsync(
            """
            SELECT sha256, MIN(size), MAX(size), MIN(build)
            FROM build_artifact
            WHERE sha256 > @after AND sha256 <= @to
            GROUP BY sha256
            """,
            static row => (Digest: row.Digest(0), Content: new NamedContent(row.Integer(1), row.Integer(2), row.BuildId(3))),
            cancellationToken,
            ("@after", after),
            ("@to", to)
        );
        return rows.ToDictionary(static row => row.Digest, static row => row.Content);
    }
}
