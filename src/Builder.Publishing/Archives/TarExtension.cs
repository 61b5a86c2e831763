using System.Buffers.Text;

namespace Builder.Publishing.Archives;

/// <summary>What pax and GNU headers say of the entry that follows them.</summary>
internal sealed class TarExtension
{
    public string? Name { get; private set; }

    public string? LinkName { get; private set; }

    public long? Size { get; private set; }

    public byte[] LastContent { get; private set; } = [];

    public void Take(byte type, byte[] content, string what)
    {
        LastContent = content;
        if (type == (byte)'g')
        {
            var forAll = new TarExtension();
            forAll.TakePax(content, what);
            if (forAll.Name is not null || forAll.LinkName is not null || forAll.Size is not null)
                throw new PackageException($"{what} has an extended header that gives all its entries one name or size");
            return;
        }
        if (type == (byte)'L')
            Name = TarRewriter.Text(content);
        else if (type == (byte)'K')
            LinkName = TarRewriter.Text(content);
        else
            TakePax(content, what);
    }

    /// <summary>Records <c>LENGTH KEY=VALUE\n</c>, LENGTH counting itself.</summary>
    private void TakePax(ReadOnlySpan<byte> content, string what)
    {
        while (!content.IsEmpty)
        {
            if (
                !Utf8Parser.TryParse(content, out int length, out var digits)
                || length <= digits + 1
                || length > content.Length
                || content[digits] != (byte)' '
                || content[length - 1] != (byte)'\n'
            )
                throw new PackageException($"{what} has a broken extended header");
            TakeRecord(content[(digits + 1)..(length - 1)], what);
            content = content[length..];
        }
    }

    private void TakeRecord(ReadOnlySpan<byte> record, string what)
    {
        var equals = record.IndexOf((byte)'=');
        if (equals < 0)
            throw new PackageException($"{what} has a broken extended header");
        var value = record[(equals + 1)..];
        switch (TarRewriter.Text(record[..equals]))
        {
            case "path":
                Name = TarRewriter.Text(value);
                break;
            case "linkpath":
                LinkName = TarRewriter.Text(value);
                break;
            case "size":
                if (!Utf8Parser.TryParse(value, out long size, out var used) || used != value.Length || size < 0)
                    throw new PackageException($"{what} has an extended header whose size is not a number");
                Size = size;
                break;
        }
    }
}
