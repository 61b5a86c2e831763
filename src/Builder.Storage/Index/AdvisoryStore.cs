using System.Collections.Immutable;
using System.Text.Json;
using Builder.Analysis.Advisories;
using Builder.Posix;
using Builder.Storage.Files;

namespace Builder.Storage.Index;

/// <summary>
/// The advisories that a site knows: a file for each in <c>_advisories</c> of the data directory, as it was published, and what the operator
/// dismissed. The rollback to the original moves the directory away as it does with everything that the original does not know.
/// </summary>
public static class AdvisoryStore
{
    public const string FolderName = "_advisories";

    private const string DismissalsName = ".dismissed";
    private const long MaxDismissals = 4 << 20;

    /// <summary>Files appear whole or not at all. Withdrawn advisories go.</summary>
    /// <returns>How many are new or other than before, and how many went.</returns>
    public static async Task<(int Changed, int Withdrawn)> ImportAsync(
        DataDirectory directory,
        AdvisoryCollection advisories,
        CancellationToken cancellationToken
    )
    {
        var root = Path.Combine(directory.Root, FolderName);
        Directory.CreateDirectory(root);
        var (changed, withdrawn) = (0, 0);
        foreach (var (advisory, source) in advisories.Entries)
        {
            var (markdown, json) = (Path.Combine(root, $"{advisory.Id}.md"), Path.Combine(root, $"{advisory.Id}.json"));
            var path = IsJson(source) ? json : markdown;
            if (advisory.Withdrawn is not null)
            {
                withdrawn += File.Exists(markdown) || File.Exists(json) ? 1 : 0;
                File.Delete(markdown);
                File.Delete(json);
                continue;
            }
            if (File.Exists(path) && (await File.ReadAllBytesAsync(path, cancellationToken)).AsSpan().SequenceEqual(source))
                continue;
            await WriteAsync(path, source, cancellationToken);
            File.Delete(path == json ? markdown : json);
            changed++;
        }
        DurableDirectory.Flush(root);
        return (changed, withdrawn);
    }

    public static async Task DismissAsync(DataDirectory directory, Dismissal dismissal, CancellationToken cancellationToken)
    {
        var root = Path.Combine(directory.Root, FolderName);
        Directory.CreateDirectory(root);
        var all = ReadDismissals(root)
            .RemoveAll(known => known.Advisory == dismissal.Advisory && known.Job == dismissal.Job)
            .Add(dismissal);
        using var buffer = new MemoryStream();
        await using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var one in all)
            {
                json.WriteStartObject();
                json.WriteString("advisory", one.Advisory);
                json.WriteString("job", one.Job);
                json.WriteString("because", one.Because);
                json.WriteString("time", one.Time);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        await WriteAsync(Path.Combine(root, DismissalsName), buffer.ToArray(), cancellationToken);
        DurableDirectory.Flush(root);
    }

    /// <exception cref="AdvisoryException">The file was changed by hand and is none any more.</exception>
    public static ImmutableArray<Dismissal> ReadDismissals(string root)
    {
        var path = Path.Combine(root, DismissalsName);
        if (!File.Exists(path))
            return [];
        try
        {
            if (new FileInfo(path).Length > MaxDismissals)
                throw new AdvisoryException($"{path} has more than {MaxDismissals >> 20} MiB");
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return
            [
                .. document
                    .RootElement.EnumerateArray()
                    .Select(static one => new Dismissal(Text(one, "advisory"), Text(one, "job"), Text(one, "because"), Text(one, "time"))),
            ];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new AdvisoryException($"{path} is not what builder writes: {exception.Message}");
        }
    }

    private static bool IsJson(byte[] source) => source.AsSpan().TrimStart("\uFEFF \t\r\n"u8) is [(byte)'{', ..];

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static async Task WriteAsync(string path, byte[] content, CancellationToken cancellationToken)
    {
        var unfinished = $"{path}.{Path.GetRandomFileName()}";
        try
        {
            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            };
            await using (var file = new FileStream(unfinished, options))
            {
                await file.WriteAsync(content, cancellationToken);
                await file.FlushAsync(cancellationToken);
                RandomAccess.FlushToDisk(file.SafeFileHandle);
            }
            File.Move(unfinished, path, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }
}
