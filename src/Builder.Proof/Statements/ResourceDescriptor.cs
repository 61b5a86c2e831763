using System.Collections.Immutable;
using System.Text.Json;
using Builder.Analysis.Values;

namespace Builder.Proof.Statements;

/// <summary>Names an artifact, a source or a document in a statement (in-toto attestation framework v1, resource_descriptor.md).</summary>
public sealed record ResourceDescriptor
{
    private const int MaxDigests = 16;

    public string? Name { get; init; }

    public string? Uri { get; init; }

    /// <summary>By algorithm (<c>sha256</c>, <c>md5</c>, <c>gitCommit</c>, …), in lower-case hexadecimal.</summary>
    public ImmutableSortedDictionary<string, string> Digest { get; init; } =
        ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal);

    public string? DownloadLocation { get; init; }

    public string? MediaType { get; init; }

    /// <summary>Text by name, such as why this is a dependency.</summary>
    public ImmutableSortedDictionary<string, string> Annotations { get; init; } =
        ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal);

    public Sha256Digest? Sha256 => Sha256Digest.TryParse(Digest.GetValueOrDefault("sha256"), out var digest) ? digest : null;

    public static ResourceDescriptor Of(string name, Sha256Digest digest) =>
        new ResourceDescriptor { Name = name }.With("sha256", digest.ToString());

    public ResourceDescriptor With(string algorithm, string hex) => this with { Digest = Digest.SetItem(algorithm, hex) };

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        WriteText(json, "name", Name);
        WriteText(json, "uri", Uri);
        WriteMap(json, "digest", Digest);
        WriteText(json, "downloadLocation", DownloadLocation);
        WriteText(json, "mediaType", MediaType);
        WriteMap(json, "annotations", Annotations);
        json.WriteEndObject();
    }

    internal static void WriteList(Utf8JsonWriter json, string name, IReadOnlyCollection<ResourceDescriptor> descriptors)
    {
        if (descriptors.Count == 0)
            return;
        json.WriteStartArray(name);
        foreach (var descriptor in descriptors)
            descriptor.Write(json);
        json.WriteEndArray();
    }

    /// <exception cref="InvalidStatementException">Not a descriptor.</exception>
    internal static ResourceDescriptor Read(JsonElement element) =>
        new()
        {
            Name = JsonFields.TextOrNull(element, "name"),
            Uri = JsonFields.TextOrNull(element, "uri"),
            Digest = ReadMap(element, "digest"),
            DownloadLocation = JsonFields.TextOrNull(element, "downloadLocation"),
            MediaType = JsonFields.TextOrNull(element, "mediaType"),
        };

    internal static ImmutableArray<ResourceDescriptor> ReadList(JsonElement element, string name, int max) =>
        [.. JsonFields.List(element, name, max).Select(Read)];

    private static ImmutableSortedDictionary<string, string> ReadMap(JsonElement element, string name)
    {
        var map = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (JsonFields.ObjectOrNull(element, name) is not { } members)
            return map.ToImmutable();
        foreach (var member in members.EnumerateObject().Take(MaxDigests))
            map[member.Name] = JsonFields.TextOrNull(members, member.Name) ?? "";
        return map.ToImmutable();
    }

    private static void WriteText(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
            json.WriteString(name, value);
    }

    private static void WriteMap(Utf8JsonWriter json, string name, ImmutableSortedDictionary<string, string> map)
    {
        if (map.Count == 0)
            return;
        json.WriteStartObject(name);
        foreach (var (key, value) in map)
            json.WriteString(key, value);
        json.WriteEndObject();
    }
}
