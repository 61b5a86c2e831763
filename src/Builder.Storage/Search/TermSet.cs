namespace Builder.Storage.Search;

/// <summary>The different terms of one document, in order.</summary>
internal static class TermSet
{
    /// <summary>A term is smaller.</summary>
    public const int Bits = 47;

    /// <summary>The only term of a document that has too many: it may hold anything.</summary>
    public const ulong Anything = 1UL << Bits;

    public static byte[] Pack(ReadOnlySpan<ulong> sorted)
    {
        var bytes = new List<byte>(2 * sorted.Length);
        var before = 0UL;
        foreach (var term in sorted)
        {
            VarInts.Write(bytes, term - before);
            before = term;
        }
        return Packed.Pack(bytes);
    }

    /// <exception cref="InvalidDataException">The bytes are not what was written.</exception>
    public static IEnumerable<ulong> Unpack(byte[] packed)
    {
        var bytes = Packed.Unpack(packed);
        var (at, term) = (0, 0UL);
        while (at < bytes.Length)
        {
            term += VarInts.Read(bytes.Span, ref at);
            yield return term;
        }
    }

    /// <summary>Whether a document may hold all terms.</summary>
    /// <param name="sorted">The terms that are asked for.</param>
    public static bool MayHold(byte[] packed, ReadOnlySpan<ulong> sorted)
    {
        var bytes = Packed.Unpack(packed).Span;
        var (at, term, next) = (0, 0UL, 0);
        while (at < bytes.Length)
        {
            term += VarInts.Read(bytes, ref at);
            if (term == Anything)
                return true;
            if (term > sorted[next])
                return false;
            if (term == sorted[next] && ++next == sorted.Length)
                return true;
        }
        return false;
    }
}
