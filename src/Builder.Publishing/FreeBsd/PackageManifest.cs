using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Builder.Publishing.Archives;
using Builder.Publishing.Packages;

namespace Builder.Publishing.FreeBsd;

/// <summary>The manifest of a FreeBSD package. What it does not need to know it carries along.</summary>
internal sealed partial class PackageManifest
{
    private static readonly JsonWriterOptions Compact = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = ArchiveLimits.MaxNesting + 2,
    };

    /// <summary>What stands in a package's own manifest and not in a catalog.</summary>
    private static readonly string[] OnlyInPackage = ["files", "directories", "config", "scripts", "lua_scripts", "messages_script"];

    private readonly JsonObject fields;

    private PackageManifest(JsonObject fields) => this.fields = fields;

    public string Name => Required("name");

    public string Version => Required("version");

    /// <summary>Such as <c>FreeBSD:14:amd64</c>; the last part or two may be <c>*</c>.</summary>
    public string Abi { get; private init; } = "";

    /// <exception cref="PackageException">Not a manifest, or a field is missing or malformed.</exception>
    public static PackageManifest Parse(byte[] content, string what)
    {
        var fields = UclReader.Read(content, what);
        var abi = ReadAbi(fields, what);
        var manifest = new PackageManifest(fields) { Abi = abi };
        if (!PackageName().IsMatch(manifest.Name))
            throw new PackageException($"{what}: \"{Short(manifest.Name)}\" is not a package name");
        foreach (var name in (string[])["version", "origin", "comment", "maintainer", "prefix"])
            _ = manifest.Required(name);
        return manifest;
    }

    public string Origin => Required("origin");

    /// <summary>pkg refuses to remove a vital package.</summary>
    public bool IsVital => fields["vital"] is JsonValue value && value.TryGetValue<bool>(out var vital) && vital;

    /// <summary>The texts of a list, or the keys of an object; none where there is no such field.</summary>
    public IReadOnlyList<string> List(string field) =>
        fields[field] switch
        {
            JsonArray array => [.. array.Select(Text).OfType<string>()],
            JsonObject named => [.. named.Select(pair => pair.Key)],
            { } value => Text(value) is { } one ? [one] : [],
            null => [],
        };

    public byte[] WithVersion(string version)
    {
        var own = Version;
        fields["version"] = version;
        var written = Write(fields);
        fields["version"] = own;
        return written;
    }

    /// <summary>The line of a catalog: one JSON object without line breaks.</summary>
    public byte[] CatalogLine(string version, string path, long size, string sha256, PublishableBuild build)
    {
        var entry = new JsonObject();
        foreach (var (name, value) in fields)
        {
            if (!OnlyInPackage.Contains(name))
                entry[name] = value?.DeepClone();
        }
        entry["version"] = version;
        entry["sum"] = sha256;
        entry["path"] = path;
        entry["repopath"] = path;
        entry["pkgsize"] = size;
        if (entry["annotations"] is not JsonObject annotations)
            entry["annotations"] = annotations = [];
        annotations["builder_job"] = build.Job.Value;
        annotations["builder_uuid"] = build.Uuid.ToString();
        return Write(entry);
    }

    private static byte[] Write(JsonObject fields)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Compact))
            fields.WriteTo(writer);
        return buffer.ToArray();
    }

    private static string ReadAbi(JsonObject fields, string what)
    {
        var given = Text(fields["abi"]) ?? Text(fields["arch"]) ?? throw new PackageException($"{what} has neither abi nor arch");
        if (AbiForm().IsMatch(given))
            return given;
        // Before abi there was arch with other words: freebsd:14:x86:64.
        var parts = given.Split(':');
        var architecture =
            parts is ["freebsd", _, ..] && parts.Length is 3 or 4
                ? string.Join(':', parts[2..]) switch
                {
                    "x86:64" => "amd64",
                    "x86:32" => "i386",
                    "aarch64:64" => "aarch64",
                    "riscv64:hf" or "riscv:64:hf" => "riscv64",
                    "*" => "*",
                    _ => null,
                }
                : null;
        var abi = architecture is null ? "" : $"FreeBSD:{parts[1]}:{architecture}";
        return AbiForm().IsMatch(abi)
            ? abi
            : throw new PackageException($"{what}: \"{Short(given)}\" is no ABI of FreeBSD such as FreeBSD:14:amd64");
    }

    private string Required(string name) =>
        Text(fields[name]) is { Length: > 0 } value ? value : throw new PackageException($"the manifest has no field {name}");

    private static string? Text(JsonNode? node) =>
        node switch
        {
            JsonValue value when value.TryGetValue<string>(out var text) => text,
            JsonValue value when value.TryGetValue<long>(out _) => value.ToString(),
            _ => null,
        };

    private static string Short(string text) => text.Length <= 80 ? text : $"{text[..80]}…";

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._+-]{0,99}\z", RegexOptions.CultureInvariant)]
    private static partial Regex PackageName();

    [GeneratedRegex(@"\AFreeBSD:(?:[1-9][0-9]{0,2}:(?:[a-z0-9_]{1,32}|\*)|\*:\*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex AbiForm();
}
