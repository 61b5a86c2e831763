using System.Buffers;
using System.Net;
using System.Text.Json;
using Builder.Cli.Errors;
using Builder.Posix;

namespace Builder.Cli.Verify;

/// <summary>Remembers sites, a file each, as ssh remembers hosts. Sites on this machine are never remembered: their addresses belong to nobody.</summary>
internal sealed class KnownSites(string directory)
{
    private const int MaxFileSize = 1024 * 1024;

    /// <summary><c>$XDG_STATE_HOME/builder/known-sites</c>, else in <c>~/.local/state</c>.</summary>
    public static string DefaultDirectory =>
        Path.Combine(
            Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } state && Path.IsPathRooted(state)
                ? state
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state"),
            "builder",
            "known-sites"
        );

    public static bool IsRemembered(Uri site) =>
        !site.IsLoopback && !(IPAddress.TryParse(site.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    /// <exception cref="CommandException">The file is damaged; the message says how to forget the site.</exception>
    public KnownSite? Find(Uri site)
    {
        var path = PathOf(site);
        if (!IsRemembered(site) || !File.Exists(path))
            return null;
        try
        {
            if (new FileInfo(path).Length > MaxFileSize)
                throw new JsonException("it is too large");
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var root = document.RootElement;
            return new KnownSite(
                root.GetProperty("site").GetString() ?? "",
                root.GetProperty("log").GetString() ?? "",
                [.. root.GetProperty("keys").EnumerateArray().Select(key => key.GetString() ?? "")],
                root.TryGetProperty("checkpoint", out var checkpoint) ? checkpoint.GetString() : null
            );
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new CommandException($"cannot read {path}: {exception.Message}. To forget the site, remove the file", ExitCode.Trouble);
        }
    }

    public void Remember(Uri address, KnownSite site)
    {
        if (!IsRemembered(address))
            return;
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("site", site.Site);
            json.WriteString("log", site.Log);
            json.WriteStartArray("keys");
            foreach (var key in site.Keys)
                json.WriteStringValue(key);
            json.WriteEndArray();
            if (site.Checkpoint is not null)
                json.WriteString("checkpoint", site.Checkpoint);
            json.WriteEndObject();
        }
        PrivateFiles.CreateDirectory(directory);
        var path = PathOf(address);
        var unfinished = $"{path}.{Guid.NewGuid():N}";
        using (var file = PrivateFiles.Open(unfinished, FileMode.CreateNew))
            file.Write(buffer.WrittenSpan);
        File.Move(unfinished, path, overwrite: true);
    }

    /// <summary>Named by host and port: both are plain characters, but for addresses in brackets.</summary>
    public string PathOf(Uri site) =>
        Path.Combine(directory, string.Concat(site.Authority.Select(character => IsPlain(character) ? character : '_')) + ".json");

    private static bool IsPlain(char character) => char.IsAsciiLetterOrDigit(character) || character is '.' or '-';
}
