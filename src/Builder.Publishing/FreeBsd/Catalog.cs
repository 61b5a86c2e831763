using System.Text;
using System.Text.Json;

namespace Builder.Publishing.FreeBsd;

/// <summary>The packages of an ABI: lines of JSON, sorted by name; one is exchanged without looking into the others.</summary>
internal sealed class Catalog
{
    private readonly SortedDictionary<string, byte[]> lines = new(StringComparer.Ordinal);

    public int Count => lines.Count;

    public static async Task<Catalog> ReadAsync(string path, CancellationToken cancellation)
    {
        var catalog = new Catalog();
        if (!File.Exists(path))
            return catalog;
        await foreach (var line in File.ReadLinesAsync(path, cancellation))
            catalog.Put(Encoding.UTF8.GetBytes(line));
        return catalog;
    }

    public void Put(byte[] line)
    {
        using var document = JsonDocument.Parse(line);
        lines[document.RootElement.GetProperty("name").GetString()!] = line;
    }

    public PublishedPackage? Find(string abi, string name) => lines.TryGetValue(name, out var line) ? ToPackage(abi, line) : null;

    public IEnumerable<PublishedPackage> Packages(string abi) => lines.Values.Select(line => ToPackage(abi, line));

    /// <summary><c>packagesite.yaml</c>: a line per package.</summary>
    public byte[] PackageSite()
    {
        using var buffer = new MemoryStream();
        foreach (var line in lines.Values)
        {
            buffer.Write(line);
            buffer.WriteByte((byte)'\n');
        }
        return buffer.ToArray();
    }

    /// <summary><c>data</c>: all of it as one object on one line, which is what newer clients read.</summary>
    public byte[] Data()
    {
        using var buffer = new MemoryStream();
        buffer.Write("""{"groups":[],"expired_packages":[],"packages":["""u8);
        foreach (var (i, line) in lines.Values.Index())
        {
            if (i > 0)
                buffer.WriteByte((byte)',');
            buffer.Write(line);
        }
        buffer.Write("]}\n"u8);
        return buffer.ToArray();
    }

    private static PublishedPackage ToPackage(string abi, byte[] line)
    {
        using var document = JsonDocument.Parse(line);
        var root = document.RootElement;
        var version = root.GetProperty("version").GetString()!;
        var annotations = root.GetProperty("annotations");
        return new PublishedPackage(
            abi, root.GetProperty("name").GetString()!, version, abi.Split(':')[^1], root.GetProperty("path").GetString()!,
            annotations.GetProperty("builder_job").GetString(), annotations.GetProperty("builder_uuid").GetString(),
            PublishedVersion.TryParse(version, out _, out var sha256) ? sha256 : null);
    }
}
