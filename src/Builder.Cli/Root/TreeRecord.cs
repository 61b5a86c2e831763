using System.Text.Json;
using Builder.Cli.Files;

namespace Builder.Cli.Root;

/// <summary>What is known of a tree: it lies beside it, as <c>DIRECTORY.root.json</c>.</summary>
/// <param name="System"><c>debian-12</c></param>
/// <param name="Tool">The program that made it, with its version.</param>
/// <param name="Sha256">The digest of the tree.</param>
internal sealed record TreeRecord(string System, string Tool, string Mirror, string Sha256, IReadOnlyList<TreePackage> Packages)
{
    private const string Ending = ".root.json";
    private const int Version = 1;
    private const long MaxLength = 64 << 20;

    public static string TreePath(string directory) => Path.GetFullPath(directory).TrimEnd('/') is { Length: > 0 } path ? path : "/";

    /// <param name="tree">By <see cref="TreePath"/>.</param>
    public static string PathOf(string tree) => tree + Ending;

    /// <returns>Null where there is none.</returns>
    /// <exception cref="IOException">It is damaged.</exception>
    public static TreeRecord? Read(string tree)
    {
        var file = new FileInfo(PathOf(tree));
        if (!file.Exists)
            return null;
        if (file.Length > MaxLength)
            throw new IOException($"{file.FullName} is no record of a tree: it has {file.Length} bytes");
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file.FullName), new JsonDocumentOptions { MaxDepth = 4 });
            var root = document.RootElement;
            if (root.GetProperty("version").GetInt32() != Version)
                throw new IOException($"{file.FullName} is of a later version; update builder");
            return new TreeRecord(
                root.GetProperty("system").GetString()!,
                root.GetProperty("tool").GetString()!,
                root.GetProperty("mirror").GetString()!,
                root.GetProperty("sha256").GetString()!,
                [
                    .. root.GetProperty("packages")
                        .EnumerateArray()
                        .Select(static package => new TreePackage(
                            package.GetProperty("name").GetString()!,
                            package.GetProperty("version").GetString()!,
                            package.GetProperty("architecture").GetString()!,
                            package.GetProperty("sha256").GetString()
                        )),
                ]
            );
        }
        catch (Exception exception)
            when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new IOException($"{file.FullName} is damaged: {exception.Message}; make the tree again, or remove this file", exception);
        }
    }

    /// <summary>All trees with a record in a directory, by name.</summary>
    public static IEnumerable<(string Path, TreeRecord Record)> In(string parent)
    {
        foreach (var path in Directory.EnumerateFiles(parent, "*" + Ending).Order(StringComparer.Ordinal))
        {
            var tree = path[..^Ending.Length];
            if (Directory.Exists(tree) && Read(tree) is { } record)
                yield return (tree, record);
        }
    }

    public Task WriteAsync(string tree, CancellationToken cancellationToken) =>
        DurableOutput.WriteAsync(
            PathOf(tree),
            async stream =>
            {
                await using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
                json.WriteStartObject();
                json.WriteNumber("version", Version);
                json.WriteString("system", System);
                json.WriteString("tool", Tool);
                json.WriteString("mirror", Mirror);
                json.WriteString("sha256", Sha256);
                json.WriteStartArray("packages");
                foreach (var package in Packages)
                {
                    json.WriteStartObject();
                    json.WriteString("name", package.Name);
                    json.WriteString("version", package.Version);
                    json.WriteString("architecture", package.Architecture);
                    json.WriteString("sha256", package.Sha256);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
                json.WriteEndObject();
            },
            cancellationToken
        );
}
