using System.Text;
using System.Text.Json;
using Builder.Publishing.Packages;

namespace Builder.Publishing.FreeBsd;

/// <summary>The packages of an ABI: lines of JSON, sorted by name; one is exchanged without looking into the others.</summary>
internal sealed class Catalog
{
    /// <summary>What pkg takes for another package's: libraries and features.</summary>
    private static readonly string[] Provided = ["shlibs_provided", "provides"];

    private readonly SortedDictionary<string, byte[]> lines = new(StringComparer.Ordinal);

    public int Count => lines.Count;

    public static async Task<Catalog> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var catalog = new Catalog();
        if (!File.Exists(path))
            return catalog;
        await foreach (var line in File.ReadLinesAsync(path, cancellationToken))
            catalog.Put(Encoding.UTF8.GetBytes(line));
        return catalog;
    }

    public void Put(byte[] line)
    {
        using var document = JsonDocument.Parse(line);
        lines[document.RootElement.GetProperty("name").GetString()!] = line;
    }

    public void Remove(string name) => lines.Remove(name);

    /// <summary>Null where the package takes nothing that another job's package offers; else what.</summary>
    public string? WhyNotBeside(PackageManifest manifest, string job)
    {
        var provided = Provided.SelectMany(manifest.List).ToHashSet(StringComparer.Ordinal);
        foreach (var line in lines.Values)
        {
            using var document = JsonDocument.Parse(line);
            var other = document.RootElement;
            if (other.GetProperty("annotations").GetProperty("builder_job").GetString() is not { } owner || owner == job)
                continue;
            var name = other.GetProperty("name").GetString();
            if (other.TryGetProperty("origin", out var origin) && origin.GetString() == manifest.Origin)
                return $"its origin {manifest.Origin} is that of package {name}, which belongs to job {owner}";
            var same = Provided
                .Where(field => other.TryGetProperty(field, out var list) && list.ValueKind == JsonValueKind.Array)
                .SelectMany(field => other.GetProperty(field).EnumerateArray())
                .Select(value => value.ToString())
                .FirstOrDefault(provided.Contains);
            if (same is not null)
                return $"it provides {same}, as package {name} does, which belongs to job {owner}";
        }
        return null;
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
            abi,
            root.GetProperty("name").GetString()!,
            version,
            abi.Split(':')[^1],
            root.GetProperty("path").GetString()!,
            annotations.GetProperty("builder_job").GetString(),
            annotations.GetProperty("builder_uuid").GetString(),
            PublishedVersion.TryParse(version, out _, out var sha256) ? sha256 : null
        );
    }
}
