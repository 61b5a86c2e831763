using System.Text;

namespace Builder.Publishing.Debian;

/// <summary>The paragraphs of a <c>Packages</c> file that we wrote, sorted by name; one is exchanged without parsing the others.</summary>
internal sealed class PackagesIndex
{
    private readonly SortedDictionary<string, IndexEntry> entries = new(StringComparer.Ordinal);

    public IEnumerable<IndexEntry> Entries => entries.Values;

    public int Count => entries.Count;

    public static async Task<PackagesIndex> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var index = new PackagesIndex();
        if (!File.Exists(path))
            return index;
        ReadOnlyMemory<byte> left = await File.ReadAllBytesAsync(path, cancellationToken);
        while (!left.IsEmpty)
        {
            var end = left.Span.IndexOf("\n\n"u8);
            var paragraph = end < 0 ? left : left[..(end + 2)];
            var entry = new IndexEntry(Field(paragraph.Span, "Package: "u8), Field(paragraph.Span, "Version: "u8), paragraph);
            index.entries[entry.Name] = entry;
            left = left[paragraph.Length..];
        }
        return index;
    }

    public IndexEntry? Find(string name) => entries.GetValueOrDefault(name);

    public void Put(IndexEntry entry) => entries[entry.Name] = entry;

    public void Remove(string name) => entries.Remove(name);

    public async Task WriteAsync(Stream destination, CancellationToken cancellationToken)
    {
        foreach (var entry in entries.Values)
            await destination.WriteAsync(entry.Paragraph, cancellationToken);
    }

    /// <summary>The value of a field of one line; we write the first two first, so this reads little.</summary>
    internal static string Field(ReadOnlySpan<byte> paragraph, ReadOnlySpan<byte> nameAndColon)
    {
        foreach (var line in paragraph.Split((byte)'\n'))
        {
            if (paragraph[line].StartsWith(nameAndColon))
                return Encoding.UTF8.GetString(paragraph[line][nameAndColon.Length..]);
        }
        return "";
    }
}
