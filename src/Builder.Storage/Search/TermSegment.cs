using System.Numerics;

namespace Builder.Storage.Search;

/// <summary>
/// Documents that are finished together: for each term which of them have it. Terms are spread over 256 buckets, of which a question reads a few.
/// A block is a run of: the term's distance to the one before, the number of documents, and the documents: none where all have it, their
/// distances where few have, else a bit for each.
/// </summary>
internal static class TermSegment
{
    public const int Buckets = 256;

    /// <summary>Bits for the number of a document within its segment.</summary>
    private const int DocumentBits = 8;

    public const int MaxDocuments = 1 << DocumentBits;

    private const int FewDivisor = 8;

    /// <summary>Spreads terms that lie close together.</summary>
    public static int BucketOf(ulong term) => (int)((term * 0x9E3779B97F4A7C15UL) >> 56);

    /// <param name="documents">The terms of each document.</param>
    /// <returns>A block for each bucket that has terms.</returns>
    public static IEnumerable<(int Bucket, byte[] Data)> Build(IReadOnlyList<byte[]> documents)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(documents.Count, MaxDocuments);
        foreach (var (bucket, postings) in Postings(documents))
        {
            postings.Sort();
            yield return (bucket, Packed.Pack(Block(postings, documents.Count)));
        }
    }

    /// <summary>The documents that have the term, a bit for each.</summary>
    /// <param name="documents">How many the segment has.</param>
    /// <exception cref="InvalidDataException">The block is not what was written.</exception>
    public static BigInteger Find(ReadOnlySpan<byte> block, ulong wanted, int documents)
    {
        var (at, term) = (0, 0UL);
        while (at < block.Length)
        {
            term += VarInts.Read(block, ref at);
            var count = (int)VarInts.Read(block, ref at);
            if (term > wanted)
                break;
            if (term == wanted)
                return Read(block, at, count, documents);
            at +=
                count >= documents ? 0
                : IsFew(count, documents) ? count
                : BytesOf(documents);
        }
        return BigInteger.Zero;
    }

    public static BigInteger All(int documents) => (BigInteger.One << documents) - 1;

    /// <summary>Sorted lists of term and document in one number, by bucket: so one array is sorted at a time.</summary>
    private static IEnumerable<(int Bucket, List<ulong> Postings)> Postings(IReadOnlyList<byte[]> documents)
    {
        var buckets = new List<ulong>?[Buckets];
        for (var document = 0; document < documents.Count; document++)
        {
            foreach (var term in TermSet.Unpack(documents[document]))
                (buckets[BucketOf(term)] ??= []).Add((term << DocumentBits) | (uint)document);
        }
        for (var bucket = 0; bucket < Buckets; bucket++)
        {
            if (buckets[bucket] is { } postings)
                yield return (bucket, postings);
        }
    }

    private static List<byte> Block(List<ulong> postings, int documents)
    {
        var block = new List<byte>(2 * postings.Count);
        var before = 0UL;
        for (var start = 0; start < postings.Count; )
        {
            var term = postings[start] >> DocumentBits;
            var end = start + 1;
            while (end < postings.Count && postings[end] >> DocumentBits == term)
                end++;
            VarInts.Write(block, term - before);
            before = term;
            Write(block, postings, start, end, documents);
            start = end;
        }
        return block;
    }

    private static void Write(List<byte> block, List<ulong> postings, int start, int end, int documents)
    {
        const ulong Mask = MaxDocuments - 1;
        var count = end - start;
        VarInts.Write(block, (ulong)count);
        if (count >= documents)
            return;
        if (IsFew(count, documents))
        {
            var previous = 0UL;
            for (var index = start; index < end; index++)
            {
                var document = postings[index] & Mask;
                block.Add((byte)(document - previous));
                previous = document;
            }
            return;
        }
        Span<byte> bits = stackalloc byte[MaxDocuments / 8];
        bits = bits[..BytesOf(documents)];
        for (var index = start; index < end; index++)
        {
            var document = (int)(postings[index] & Mask);
            bits[document / 8] |= (byte)(1 << (document % 8));
        }
        foreach (var part in bits)
            block.Add(part);
    }

    private static BigInteger Read(ReadOnlySpan<byte> block, int at, int count, int documents)
    {
        if (count >= documents)
            return All(documents);
        if (at + (IsFew(count, documents) ? count : BytesOf(documents)) > block.Length)
            throw new InvalidDataException("a block of the search index is cut off");
        if (!IsFew(count, documents))
            return new BigInteger(block.Slice(at, BytesOf(documents)), isUnsigned: true);
        var (bits, document) = (BigInteger.Zero, 0);
        for (var index = 0; index < count; index++)
        {
            document += block[at + index];
            bits |= BigInteger.One << document;
        }
        return bits;
    }

    private static bool IsFew(int count, int documents) => count <= documents / FewDivisor;

    private static int BytesOf(int documents) => (documents + 7) / 8;
}
