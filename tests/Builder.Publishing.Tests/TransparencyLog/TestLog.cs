using System.Text;
using Builder.Proof.Keys;
using Builder.Proof.Log;
using Builder.Publishing.TransparencyLog;
using Builder.Testing;

namespace Builder.Publishing.Tests.TransparencyLog;

/// <summary>A log in a directory of a test's own, and what anybody can find out about its public files.</summary>
internal sealed class TestLog : IDisposable
{
    public const string Origin = "builds.example";

    private readonly TemporaryDirectory directory = new();

    /// <param name="key">Of another log, for one that contradicts it.</param>
    public TestLog(Ed25519SigningKey? key = null) => Key = key ?? Ed25519SigningKey.Generate();

    public Ed25519SigningKey Key { get; }

    public string Public => directory["tlog"];

    public string State => directory["state"];

    public string this[string relative] => directory[relative];

    public NoteKey Verifier => new(Origin, NoteKeyKind.Ed25519, Key.PublicKey);

    public LogSettings Settings => new(Public, State, Origin);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public Task<LogSequencer> OpenAsync() => LogSequencer.OpenAsync(Settings, Key, Token);

    public static IReadOnlyList<ReadOnlyMemory<byte>> Leaves(int first, int count) =>
        [.. Enumerable.Range(first, count).Select(static number => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes($"entry {number}"))];

    /// <summary>Adds entries in a process life of its own.</summary>
    public async Task<SignedCheckpoint> GrowAsync(int first, int count)
    {
        await using var sequencer = await OpenAsync();
        await sequencer.AppendAsync(Leaves(first, count), Token);
        return sequencer.Checkpoint;
    }

    public SignedCheckpoint Published() => SignedCheckpoint.Open(File.ReadAllBytes(Path.Combine(Public, "checkpoint")), Verifier);

    /// <summary>The leaves, after a check of every tile against the published root.</summary>
    public async Task<IReadOnlyList<string>> ReadAllAsync()
    {
        var checkpoint = Published().Checkpoint;
        var log = new PublishedLog(Public);
        var tree = new TileTree(log.Files, checkpoint.Size);
        Assert.Equal(checkpoint.Root, await tree.RootAsync(Token));
        var entries = new List<string>();
        for (var tile = 0L; tile << TileAddress.Height < checkpoint.Size; tile++)
        {
            foreach (var entry in log.Entries(tile, checkpoint.Size))
            {
                Assert.Equal(MerkleHash.OfLeaf(entry.Span), await tree.LeafHashAsync(entries.Count, Token));
                entries.Add(Encoding.UTF8.GetString(entry.Span));
            }
        }
        return entries;
    }

    public async Task AssertContinuesAsync(SignedCheckpoint old)
    {
        var now = Published().Checkpoint;
        var proof = await new TileTree(new LogFiles(Public), now.Size).ProveConsistencyAsync(old.Size, Token);
        Assert.True(ConsistencyProof.Verify(old.Size, old.Checkpoint.Root, now.Size, now.Root, proof), $"{old.Size} is not in {now.Size}");
    }

    public string Snapshot(string path, string name)
    {
        Copy(path, directory[name]);
        return directory[name];
    }

    public void Restore(string snapshot, string path)
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        Copy(snapshot, path);
    }

    public void Dispose()
    {
        Key.Dispose();
        directory.Dispose();
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var folder in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
    }
}
