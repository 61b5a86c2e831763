using System.Text.Json;
using Builder.Analysis.Values;
using Builder.Posix;
using Builder.Storage.Files;
using Builder.Storage.Troubles;

namespace Builder.Storage.Artifacts;

/// <summary>
/// Reads every stored content from time to time and compares it with its hash, slowly, so that nobody notices. Where it stopped it goes on
/// after a restart. Of several processes on one data directory one does it.
/// </summary>
public sealed class ContentScrub
{
    /// <summary>From the end of a pass to the beginning of the next.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromDays(7);

    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(30);

    private readonly DataDirectory directory;
    private readonly ContentCheck check;
    private readonly TimeProvider clock;
    private readonly IDerivedContents? derived;
    private readonly IRemoteContents? remote;
    private ScrubState state = ScrubState.None;
    private long savedAt;

    /// <param name="remote">Where the contents are, when not in the directory.</param>
    internal ContentScrub(
        DataDirectory directory,
        ContentCheck check,
        TimeProvider clock,
        IDerivedContents? derived = null,
        IRemoteContents? remote = null
    )
    {
        this.remote = remote;
        this.derived = derived;
        this.directory = directory;
        this.check = check;
        this.clock = clock;
        Load();
    }

    public DamagedContents Damaged => check.Damaged;

    public ScrubState State => Volatile.Read(ref state);

    /// <summary>When the next pass is due, or goes on.</summary>
    public DateTimeOffset NextPass =>
        State switch
        {
            { Started: { } started } => started,
            { Finished: { } finished } => finished + Interval,
            _ => DateTimeOffset.UnixEpoch,
        };

    /// <summary>One pass over all contents, from where the last one was cut off.</summary>
    /// <param name="bytesPerSecond">How fast it reads at most.</param>
    /// <returns>False where another process is at it.</returns>
    /// <exception cref="IOException">The directory or the note of how far it came cannot be used.</exception>
    public async Task<bool> RunAsync(long bytesPerSecond, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytesPerSecond, 1);
        using var alone = TryLock();
        if (alone is null)
            return false;
        Load();
        if (State.Started is null)
            Set(State with { Started = clock.GetUtcNow(), Next = "", CheckedSoFar = 0 });
        var pace = new Pace(bytesPerSecond, clock, cancellationToken);
        try
        {
            if (remote is null)
                await CheckFilesAsync(pace);
            else
                await CheckRemoteAsync(remote, pace);
            if (derived is not null)
            {
                foreach (var content in Damaged.All)
                    await derived.CheckAgainAsync(content.Digest, cancellationToken);
            }
            if (remote is null)
                RemoveChunksOfNothing();
            Set(State with { Started = null, Next = "", Finished = clock.GetUtcNow(), Checked = State.CheckedSoFar, CheckedSoFar = 0 });
            return true;
        }
        finally
        {
            Save();
        }
    }

    private async Task CheckFilesAsync(Pace pace)
    {
        foreach (var shard in Sorted(directory.Artifacts, State.Next.Length >= 2 ? State.Next[..2] : State.Next))
        {
            foreach (var name in Sorted(Path.Combine(directory.Artifacts, shard), State.Next))
            {
                await CheckAsync(Path.Combine(directory.Artifacts, shard, name), name, pace);
                Advance(name);
            }
        }
    }

    /// <summary>A store that is away ends the pass, which goes on there later.</summary>
    private async Task CheckRemoteAsync(IRemoteContents contents, Pace pace)
    {
        await foreach (var digest in contents.AllAsync(State.Next, pace.CancellationToken))
        {
            try
            {
                await contents.CheckAsync(digest, pace.ReadAsync, pace.CancellationToken);
            }
            catch (DamagedContentException)
            {
                // Noted down, and told to those who listen.
            }
            Advance(digest.ToString());
        }
    }

    private void Advance(string name)
    {
        Set(State with { Next = name + "~", CheckedSoFar = State.CheckedSoFar + 1 });
        if (clock.GetElapsedTime(savedAt) > SaveInterval)
            Save();
    }

    private async Task CheckAsync(string path, string name, Pace pace)
    {
        if (!Sha256Digest.TryParse(name, out var digest))
            return;
        try
        {
            using var handle = File.OpenHandle(
                path,
                options: FileOptions.Asynchronous | FileOptions.SequentialScan,
                share: FileShare.Read | FileShare.Delete
            );
            await check.CheckWholeAsync(handle, digest, pace.CancellationToken, pace.ReadAsync);
        }
        catch (FileNotFoundException)
        {
            check.Forget(digest); // removed since the directory was listed
        }
        catch (DamagedContentException)
        {
            // Noted down, and told to those who listen.
            await NameDependentsAsync(digest, pace.CancellationToken);
        }
        catch (Exception exception) when (StorageTrouble.Of(exception) is { Kind: TroubleKind.Descriptors })
        {
            // Says nothing of the file: the pass goes on later.
            throw;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            check.Report(digest, $"it cannot be read: {exception.Message.Replace(path, "the file", StringComparison.Ordinal)}");
            await NameDependentsAsync(digest, pace.CancellationToken);
        }
    }

    private Task NameDependentsAsync(Sha256Digest digest, CancellationToken cancellationToken) =>
        derived?.NameDependentsAsync(digest, cancellationToken) ?? Task.CompletedTask;

    /// <summary>Names from <paramref name="first"/> on, in order.</summary>
    private static IEnumerable<string> Sorted(string folder, string first)
    {
        if (!Directory.Exists(folder))
            return [];
        var names = Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName).OfType<string>();
        return [.. names.Where(name => string.CompareOrdinal(name, first) >= 0).Order(StringComparer.Ordinal)];
    }

    /// <summary>A crash between the removal of a content and that of its hashes leaves these.</summary>
    private void RemoveChunksOfNothing()
    {
        foreach (
            var path in Sorted(directory.Chunks, "")
                .SelectMany(shard =>
                    Sorted(Path.Combine(directory.Chunks, shard), "").Select(name => Path.Combine(directory.Chunks, shard, name))
                )
        )
        {
            if (!Sha256Digest.TryParse(Path.GetFileName(path), out var digest) || !File.Exists(directory.OfArtifact(digest)))
                File.Delete(path);
        }
    }

    private FileStream? TryLock()
    {
        try
        {
            return PrivateFiles.Open(directory.CheckState + ".lock", FileMode.OpenOrCreate, share: FileShare.None);
        }
        catch (IOException) when (File.Exists(directory.CheckState + ".lock"))
        {
            return null;
        }
    }

    private void Set(ScrubState value) => Volatile.Write(ref state, value);

    /// <summary>What cannot be read counts as nothing: then the next pass begins at once.</summary>
    private void Load()
    {
        try
        {
            var known =
                JsonSerializer.Deserialize(File.ReadAllBytes(directory.CheckState), ScrubStateJson.Default.ScrubState) ?? ScrubState.None;
            Set(known);
            foreach (var (hash, reason) in known.Damaged)
            {
                if (Sha256Digest.TryParse(hash, out var digest) && !check.Damaged.Contains(digest))
                    check.Report(digest, reason);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            Set(ScrubState.None);
        }
    }

    private void Save()
    {
        savedAt = clock.GetTimestamp();
        var known = State with { Damaged = Damaged.All.ToDictionary(content => content.Digest.ToString(), content => content.Reason) };
        var unfinished = directory.CheckState + ".new";
        using (var file = PrivateFiles.Open(unfinished, FileMode.Create))
        {
            JsonSerializer.Serialize(file, known, ScrubStateJson.Default.ScrubState);
            file.Flush(flushToDisk: true);
        }
        File.Move(unfinished, directory.CheckState, overwrite: true);
    }

    /// <summary>Waits so that not more than so many bytes are read in a second.</summary>
    private sealed class Pace(long bytesPerSecond, TimeProvider clock, CancellationToken cancellationToken)
    {
        private readonly long started = clock.GetTimestamp();
        private long read;

        public CancellationToken CancellationToken => cancellationToken;

        public async ValueTask ReadAsync(int count)
        {
            read += count;
            var ahead = TimeSpan.FromSeconds((double)read / bytesPerSecond) - clock.GetElapsedTime(started);
            if (ahead > TimeSpan.Zero)
                await Task.Delay(ahead, clock, cancellationToken);
        }
    }
}
