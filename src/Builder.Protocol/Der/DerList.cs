using System.Collections;

namespace Builder.Protocol.Der;

/// <summary>
/// The items of a long SEQUENCE OF, each checked when it came in, kept as bytes and made when looked at: a hundred thousand jobs as objects
/// cost the collector more than all the reading.
/// </summary>
/// <param name="check">Reads an item as <paramref name="readItem"/> does, but makes nothing of it.</param>
internal sealed class DerList<T>(Func<DerReader, T> readItem, Action<DerReader> check) : IReadOnlyList<T>
{
    private readonly List<(ReadOnlyMemory<byte> Bytes, int Count)> pieces = [];

    public int Count { get; private set; }

    public T this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            foreach (var (bytes, count) in pieces)
            {
                if (index < count)
                    return At(bytes, index);
                index -= count;
            }
            throw new ArgumentOutOfRangeException(nameof(index));
        }
    }

    /// <summary>Checks and takes the items that <paramref name="reader"/> has before it.</summary>
    /// <param name="bytes">What the reader reads, all of it.</param>
    /// <exception cref="ProtocolException">One of them is not as it should be.</exception>
    public void Add(DerReader reader, FieldPath path, ReadOnlyMemory<byte> bytes)
    {
        var count = 0;
        for (; reader.HasMore; count++)
        {
            path.NextItem();
            check(reader);
        }
        pieces.Add((bytes, count));
        Count += count;
    }

    public IEnumerator<T> GetEnumerator()
    {
        foreach (var (bytes, _) in pieces)
        {
            var reader = new DerReader(bytes);
            while (reader.HasMore)
                yield return readItem(reader);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private T At(ReadOnlyMemory<byte> bytes, int index)
    {
        var reader = new DerReader(bytes);
        for (; index > 0; index--)
            check(reader);
        return readItem(reader);
    }
}
