using System.Collections;

namespace Builder.Server.Scheduling;

/// <summary>Items in the order they had at one moment.</summary>
internal sealed class Ordered<T>(T[][] pieces, int count)
{
    public int Count => count;

    /// <summary>A view, not a copy: lists of a hundred thousand items are looked at once, and forgotten.</summary>
    public IReadOnlyList<TResult> Select<TResult>(Func<T, TResult> select, bool lastFirst = false) =>
        new View<TResult>(this, select, lastFirst);

    private IEnumerable<T> FirstToLast()
    {
        foreach (var piece in pieces)
        {
            foreach (var item in piece)
                yield return item;
        }
    }

    private IEnumerable<T> LastToFirst()
    {
        for (var piece = pieces.Length - 1; piece >= 0; piece--)
        {
            for (var place = pieces[piece].Length - 1; place >= 0; place--)
                yield return pieces[piece][place];
        }
    }

    private T At(int place)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(place);
        foreach (var piece in pieces)
        {
            if (place < piece.Length)
                return piece[place];
            place -= piece.Length;
        }
        throw new ArgumentOutOfRangeException(nameof(place));
    }

    private sealed class View<TResult>(Ordered<T> items, Func<T, TResult> select, bool lastFirst) : IReadOnlyList<TResult>
    {
        public int Count => items.Count;

        public TResult this[int index] => select(items.At(lastFirst ? items.Count - 1 - index : index));

        public IEnumerator<TResult> GetEnumerator()
        {
            foreach (var item in lastFirst ? items.LastToFirst() : items.FirstToLast())
                yield return select(item);
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
