using System.Numerics;
using Builder.Storage.Database;

namespace Builder.Storage.Search;

/// <summary>
/// Which documents may hold some terms. New documents stand in a tail, each with its terms; when the tail is long enough, they become a segment, which is
/// small and answers quickly. Where segments take more than is allowed, the oldest go.
/// </summary>
/// <param name="documentsPerSegment">At most <see cref="TermSegment.MaxDocuments"/>.</param>
/// <param name="maxSize">Bytes of all segments.</param>
internal sealed class TermIndex(BuilderDatabase database, TermKind kind, int documentsPerSegment, long maxSize)
{
    /// <summary>The last subject that was read.</summary>
    public static Task<long> ProgressAsync(DatabaseSession session, TermKind kind, CancellationToken cancellationToken) =>
        session.IntegerAsync("SELECT subject FROM search_progress WHERE kind = @kind", cancellationToken, ("@kind", (long)kind));

    /// <summary>Enters documents, and how far the index is, in one transaction. Those that another process entered meanwhile are left out.</summary>
    /// <param name="documents">By rising subjects; without terms: nothing is to be found in it.</param>
    /// <param name="last">All subjects up to this one are done.</param>
    public async Task AddAsync(
        IReadOnlyList<(long Subject, byte[]? Terms)> documents,
        long last,
        Func<DatabaseSession, Task>? more,
        CancellationToken cancellationToken
    )
    {
        // Pages of this process know of it, those of other processes go by the database's number of writes.
        Func<Func<DatabaseSession, Task<bool>>, CancellationToken, Task<bool>> write =
            database.Engine == DatabaseEngine.Sqlite ? database.WriteQuietlyAsync : database.WriteAsync;
        await write(
            async session =>
            {
                var done = await ProgressAsync(session, kind, cancellationToken);
                if (done >= last)
                    return false;
                foreach (var (subject, terms) in documents.Where(document => document.Subject > done && document.Terms is not null))
                    await AddAsync(session, subject, terms!, cancellationToken);
                if (more is not null)
                    await more(session);
                await session.ExecuteAsync(
                    "UPDATE search_progress SET subject = @last WHERE kind = @kind",
                    cancellationToken,
                    ("@last", last),
                    ("@kind", (long)kind)
                );
                return true;
            },
            cancellationToken
        );
        while (await SealAsync(cancellationToken)) { }
    }

    private async Task AddAsync(DatabaseSession session, long subject, byte[] terms, CancellationToken cancellationToken)
    {
        var number = await session.IntegerAsync(
            "UPDATE search_progress SET number = number + 1 WHERE kind = @kind RETURNING number - 1",
            cancellationToken,
            ("@kind", (long)kind)
        );
        SqlParameter[] key = [("@kind", (long)kind), ("@number", number)];
        await session.ExecuteAsync(
            "INSERT INTO search_document (kind, number, subject) VALUES (@kind, @number, @subject)",
            cancellationToken,
            [.. key, ("@subject", subject)]
        );
        await session.ExecuteAsync(
            "INSERT INTO search_tail (kind, number, terms) VALUES (@kind, @number, @terms)",
            cancellationToken,
            [.. key, ("@terms", terms)]
        );
    }

    /// <summary>Makes a segment of the oldest documents of the tail, where there are enough.</summary>
    private async Task<bool> SealAsync(CancellationToken cancellationToken)
    {
        List<(long Number, byte[] Terms)> tail;
        await using (var session = await database.OpenReadAsync(cancellationToken))
        {
            if (await TailLengthAsync(session, cancellationToken) < documentsPerSegment)
                return false;
            tail = await session.QueryAsync(
                "SELECT number, terms FROM search_tail WHERE kind = @kind ORDER BY number LIMIT @most",
                static row => (row.Integer(0), row.Blob(1)),
                cancellationToken,
                ("@kind", (long)kind),
                ("@most", documentsPerSegment)
            );
        }
        // Sorting takes long: not within the transaction.
        var blocks = TermSegment.Build([.. tail.Select(static document => document.Terms)]).ToList();
        var (first, last) = (tail[0].Number, tail[^1].Number);
        await database.WriteQuietlyAsync(
            async session =>
            {
                SqlParameter[] range = [("@kind", (long)kind), ("@first", first), ("@last", last)];
                var deleted = await session.ExecuteAsync(
                    "DELETE FROM search_tail WHERE kind = @kind AND number >= @first AND number <= @last",
                    cancellationToken,
                    range
                );
                // Another process made the segment meanwhile.
                if (deleted == 0)
                    return false;
                var segment = await session.IntegerAsync(
                    "INSERT INTO search_segment (kind, first, documents, size) VALUES (@kind, @first, @documents, @size) RETURNING id",
                    cancellationToken,
                    ("@kind", (long)kind),
                    ("@first", first),
                    ("@documents", tail.Count),
                    ("@size", blocks.Sum(static block => (long)block.Data.Length))
                );
                foreach (var (bucket, data) in blocks)
                    await session.ExecuteAsync(
                        "INSERT INTO search_block (segment, bucket, data) VALUES (@segment, @bucket, @data)",
                        cancellationToken,
                        ("@segment", segment),
                        ("@bucket", bucket),
                        ("@data", data)
                    );
                await DropOldestAsync(session, cancellationToken);
                return true;
            },
            cancellationToken
        );
        return true;
    }

    private async Task DropOldestAsync(DatabaseSession session, CancellationToken cancellationToken)
    {
        var segments = await SegmentsAsync(session, cancellationToken);
        var size = 0L;
        foreach (var segment in segments)
        {
            size += segment.Size;
            // The newest stays, however large it is.
            if (size <= maxSize || segment == segments[0])
                continue;
            await session.ExecuteAsync("DELETE FROM search_block WHERE segment = @id", cancellationToken, ("@id", segment.Id));
            await session.ExecuteAsync("DELETE FROM search_segment WHERE id = @id", cancellationToken, ("@id", segment.Id));
            await session.ExecuteAsync(
                "DELETE FROM search_document WHERE kind = @kind AND number >= @first AND number < @end",
                cancellationToken,
                ("@kind", (long)kind),
                ("@first", segment.First),
                ("@end", segment.First + segment.Documents)
            );
        }
    }

    /// <summary>The numbers of documents that may hold all terms, the newest first, a piece of the index at a time.</summary>
    /// <param name="sorted">Without repetitions, at least one.</param>
    public async IAsyncEnumerable<List<long>> FindAsync(
        DatabaseSession session,
        ulong[] sorted,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var tail = await session.QueryAsync(
            "SELECT number, terms FROM search_tail WHERE kind = @kind ORDER BY number DESC",
            row => (Number: row.Integer(0), Holds: TermSet.MayHold(row.Blob(1), sorted)),
            cancellationToken,
            ("@kind", (long)kind)
        );
        var found = tail.Where(static document => document.Holds).Select(static document => document.Number).ToList();
        if (found.Count > 0)
            yield return found;
        foreach (var segment in await SegmentsAsync(session, cancellationToken))
        {
            found = await FindAsync(session, segment, sorted, cancellationToken);
            if (found.Count > 0)
                yield return found;
        }
    }

    /// <summary>The subjects of documents; those of a subject that is gone are there, too.</summary>
    public async Task<Dictionary<long, long>> SubjectsAsync(
        DatabaseSession session,
        IEnumerable<long> numbers,
        CancellationToken cancellationToken
    )
    {
        var subjects = new Dictionary<long, long>();
        foreach (var parameters in SqlValues.Pieces(numbers, none: -1L, ("@kind", (long)kind)))
        {
            foreach (
                var (number, subject) in await session.QueryAsync(
                    $"SELECT number, subject FROM search_document WHERE kind = @kind AND number IN ({SqlValues.List})",
                    static row => (row.Integer(0), row.Integer(1)),
                    cancellationToken,
                    parameters
                )
            )
                subjects[number] = subject;
        }
        return subjects;
    }

    /// <summary>How many documents can be found, and the bytes that their segments take.</summary>
    public async Task<(long Documents, long Size)> SizeAsync(DatabaseSession session, CancellationToken cancellationToken)
    {
        var segments = await SegmentsAsync(session, cancellationToken);
        return (
            segments.Sum(static segment => (long)segment.Documents) + await TailLengthAsync(session, cancellationToken),
            segments.Sum(static segment => segment.Size)
        );
    }

    private Task<long> TailLengthAsync(DatabaseSession session, CancellationToken cancellationToken) =>
        session.IntegerAsync("SELECT COUNT(*) FROM search_tail WHERE kind = @kind", cancellationToken, ("@kind", (long)kind));

    /// <summary>The newest first.</summary>
    private Task<List<Segment>> SegmentsAsync(DatabaseSession session, CancellationToken cancellationToken) =>
        session.QueryAsync(
            "SELECT id, first, documents, size FROM search_segment WHERE kind = @kind ORDER BY first DESC",
            static row => new Segment(row.Integer(0), row.Integer(1), (int)row.Integer(2), row.Integer(3)),
            cancellationToken,
            ("@kind", (long)kind)
        );

    private static async Task<List<long>> FindAsync(
        DatabaseSession session,
        Segment segment,
        ulong[] sorted,
        CancellationToken cancellationToken
    )
    {
        var buckets = sorted.Append(TermSet.Anything).Select(TermSegment.BucketOf).Distinct().Select(static bucket => (long)bucket);
        var blocks = new Dictionary<int, byte[]>();
        foreach (var parameters in SqlValues.Pieces(buckets, none: -1L, ("@segment", segment.Id)))
        {
            foreach (
                var (bucket, data) in await session.QueryAsync(
                    $"SELECT bucket, data FROM search_block WHERE segment = @segment AND bucket IN ({SqlValues.List})",
                    static row => ((int)row.Integer(0), row.Blob(1)),
                    cancellationToken,
                    parameters
                )
            )
                blocks[bucket] = data;
        }
        var unpacked = new Dictionary<int, ReadOnlyMemory<byte>>();
        var all = TermSegment.All(segment.Documents);
        foreach (var term in sorted)
        {
            all &= Postings(term);
            if (all.IsZero)
                break;
        }
        all |= Postings(TermSet.Anything);
        var found = new List<long>();
        for (var document = segment.Documents - 1; document >= 0 && !all.IsZero; document--)
        {
            if (!((all >> document) & 1).IsZero)
                found.Add(segment.First + document);
        }
        return found;

        BigInteger Postings(ulong term)
        {
            var bucket = TermSegment.BucketOf(term);
            if (!blocks.TryGetValue(bucket, out var data))
                return BigInteger.Zero;
            if (!unpacked.TryGetValue(bucket, out var block))
                unpacked[bucket] = block = Packed.Unpack(data);
            return TermSegment.Find(block.Span, term, segment.Documents);
        }
    }

    private sealed record Segment(long Id, long First, int Documents, long Size);
}
