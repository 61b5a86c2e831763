using System.Globalization;
using System.Text;
using System.Text.Json;
using Builder.Cli.Errors;
using Builder.Posix;
using Builder.Proof.Keys;
using Builder.Protocol.Values;

namespace Builder.Cli.Rebuild;

/// <summary>
/// What a rebuilder has done, in a directory of its own: a line for each build in <c>done.jsonl</c>, signed results that the site does not have yet in
/// <c>outbox</c>, how far the site's list was followed in <c>cursor</c>. Each is on disk before the next thing begins.
/// </summary>
internal sealed class RebuildStore : IDisposable
{
    private const string KeyName = "key.pem";
    private const string PublicName = "key.pub";
    private const int MaxLine = 4096;

    private readonly string directory;
    private readonly DirectoryLock alone;
    private readonly HashSet<BuildUuid> done = [];
    private readonly FileStream log;

    private RebuildStore(string directory, DirectoryLock alone)
    {
        this.directory = directory;
        this.alone = alone;
        PrivateFiles.CreateDirectory(Outbox);
        if (Directory.Exists(Work))
            Directory.Delete(Work, recursive: true);
        log = PrivateFiles.Open(Path.Combine(directory, "done.jsonl"), FileMode.OpenOrCreate, FileAccess.ReadWrite, bufferSize: 0);
        ReadDone();
    }

    /// <summary>For one build at a time; emptied at the start.</summary>
    public string Work => Path.Combine(directory, "work");

    public string PublicKeyPath => Path.Combine(directory, PublicName);

    private string Outbox => Path.Combine(directory, "outbox");

    private string CursorPath => Path.Combine(directory, "cursor");

    /// <exception cref="CommandException">Another rebuilder uses the directory.</exception>
    public static RebuildStore Open(string directory)
    {
        PrivateFiles.CreateDirectory(directory);
        var alone =
            DirectoryLock.TryTakeAlone(directory)
            ?? throw new CommandException($"another builder rebuild uses {directory}; --state names another directory", ExitCode.Trouble);
        try
        {
            return new RebuildStore(directory, alone);
        }
        catch
        {
            alone.Dispose();
            throw;
        }
    }

    /// <summary>Null at the first visit.</summary>
    public long? Cursor =>
        File.Exists(CursorPath) && long.TryParse(File.ReadAllText(CursorPath), CultureInfo.InvariantCulture, out var cursor)
            ? cursor
            : null;

    public bool IsDone(BuildUuid build) => done.Contains(build);

    /// <summary>The key in that file, made where there is none. The public half lies in the state directory.</summary>
    /// <param name="path">Null for the state directory's own.</param>
    public SigningKey LoadKey(string? path)
    {
        path ??= Path.Combine(directory, KeyName);
        try
        {
            if (!File.Exists(path))
            {
                using var made = Ed25519SigningKey.Generate();
                var pem = made.ToPem();
                Replace(path, Encoding.ASCII.GetBytes(pem));
                Array.Clear(pem);
            }
            var key = SigningKey.FromPem(File.ReadAllText(path));
            Replace(PublicKeyPath, Encoding.ASCII.GetBytes(key.PublicKey.ToPem()));
            return key;
        }
        catch (InvalidKeyException exception)
        {
            throw new CommandException($"{path}: {exception.Message}", ExitCode.Trouble);
        }
    }

    public void MoveCursor(long next) => Replace(CursorPath, Encoding.ASCII.GetBytes(next.ToString(CultureInfo.InvariantCulture)));

    /// <summary>A signed result that the site is to get: first the address of the build's page, then the lines.</summary>
    public void Keep(BuildUuid build, Uri page, byte[] lines) =>
        Replace(Path.Combine(Outbox, build.ToString()), [.. Encoding.ASCII.GetBytes(page.AbsoluteUri), (byte)'\n', .. lines]);

    /// <summary>Results that the site does not have yet, oldest first.</summary>
    public IReadOnlyList<(BuildUuid Build, Uri Page, byte[] Lines)> Waiting()
    {
        var waiting = new List<(BuildUuid, Uri, byte[])>();
        foreach (var file in new DirectoryInfo(Outbox).EnumerateFiles().OrderBy(static file => file.LastWriteTimeUtc))
        {
            if (!BuildUuid.TryParse(file.Name, out var build))
                continue;
            var content = File.ReadAllBytes(file.FullName);
            var end = content.AsSpan().IndexOf((byte)'\n');
            if (end > 0 && Uri.TryCreate(Encoding.ASCII.GetString(content, 0, end), UriKind.Absolute, out var page))
                waiting.Add((build, page, content[(end + 1)..]));
        }
        return waiting;
    }

    public bool IsWaiting(BuildUuid build) => File.Exists(Path.Combine(Outbox, build.ToString()));

    /// <param name="result">A word or two, for people.</param>
    public void Finish(BuildUuid build, string result, DateTimeOffset now)
    {
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteString("uuid", build.ToString());
            json.WriteString("result", result.Length > MaxLine / 2 ? result[..(MaxLine / 2)] : result);
            json.WriteString("at", now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }
        line.WriteByte((byte)'\n');
        log.Write(line.ToArray());
        log.Flush(flushToDisk: true);
        done.Add(build);
        File.Delete(Path.Combine(Outbox, build.ToString()));
    }

    public void Dispose()
    {
        log.Dispose();
        alone.Dispose();
    }

    /// <summary>A last line that was cut off is cut away: its build is done again.</summary>
    private void ReadDone()
    {
        using var reader = new StreamReader(log, Encoding.UTF8, leaveOpen: true);
        var text = reader.ReadToEnd();
        var whole = text.LastIndexOf('\n') + 1;
        foreach (var line in text[..whole].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                using var entry = JsonDocument.Parse(line);
                if (entry.RootElement.TryGetProperty("uuid", out var uuid) && BuildUuid.TryParse(uuid.GetString() ?? "", out var build))
                    done.Add(build);
            }
            catch (JsonException exception)
            {
                throw new CommandException(
                    $"{log.Name} is damaged: {exception.Message}. Remove the line, and its build is done again",
                    ExitCode.Trouble
                );
            }
        }
        log.SetLength(Encoding.UTF8.GetByteCount(text.AsSpan(0, whole)));
        log.Seek(0, SeekOrigin.End);
    }

    private static void Replace(string path, byte[] content)
    {
        var unfinished = path + ".partial";
        using (var stream = PrivateFiles.Open(unfinished, FileMode.Create, bufferSize: 0))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }
        File.Move(unfinished, path, overwrite: true);
        DurableDirectory.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }
}
