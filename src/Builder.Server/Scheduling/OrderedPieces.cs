namespace Builder.Server.Scheduling;

/// <summary>
/// Items in order, in pieces that are never changed but replaced: a change costs one small piece, and to look at all of it costs the list
/// of pieces, however many items there are. No two items compare as equal.
/// </summary>
internal sealed class OrderedPieces<T>(Comparison<T> compare)
    where T : class
{
    private const int MaxPieceSize = 256;

    private readonly List<T[]> pieces = [];

    public int Count { get; private set; }

    public void Add(T item)
    {
        Count++;
        if (pieces.Count == 0 || (pieces[^1].Length == MaxPieceSize && compare(item, pieces[^1][^1]) > 0))
        {
            // What comes in order fills its pieces.
            pieces.Add([item]);
            return;
        }
        var (piece, place) = Find(item);
        if (piece == pieces.Count)
            (piece, place) = (piece - 1, pieces[^1].Length);
        var before = pieces[piece];
        var after = new T[before.Length + 1];
        before.AsSpan(0, place).CopyTo(after);
        after[place] = item;
        before.AsSpan(place).CopyTo(after.AsSpan(place + 1));
        if (after.Length <= MaxPieceSize)
        {
            pieces[piece] = after;
            return;
        }
        pieces[piece] = after[..(MaxPieceSize / 2)];
        pieces.Insert(piece + 1, after[(MaxPieceSize / 2)..]);
    }

    /// <exception cref="InvalidOperationException">It is not there.</exception>
    public void Remove(T item)
    {
        var (piece, place) = Find(item);
        if (piece == pieces.Count || compare(pieces[piece][place], item) != 0)
            throw new InvalidOperationException("what is to be removed is not there");
        Count--;
        var before = pieces[piece];
        if (before.Length == 1)
        {
            pieces.RemoveAt(piece);
            return;
        }
        var after = new T[before.Length - 1];
        before.AsSpan(0, place).CopyTo(after);
        before.AsSpan(place + 1).CopyTo(after.AsSpan(place));
        pieces[piece] = after;
    }

    public void Clear()
    {
        pieces.Clear();
        Count = 0;
    }

    /// <summary>All there is now; what changes later does not show.</summary>
    public Ordered<T> Look() => new([.. pieces], Count);

    /// <summary>The first item that is not before <paramref name="item"/>.</summary>
    private (int Piece, int Place) Find(T item)
    {
        var (low, high) = (0, pieces.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (compare(pieces[middle][^1], item) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        if (low == pieces.Count)
            return (low, 0);
        var piece = pieces[low];
        var (first, last) = (0, piece.Length - 1);
        while (first < last)
        {
            var middle = (first + last) / 2;
            if (compare(piece[middle], item) < 0)
                first = middle + 1;
            else
                last = middle;
        }
        return (low, first);
    }
}
