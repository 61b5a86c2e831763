using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Builder.Posix;
using Builder.Proof.Keys;
using Builder.Proof.Log;

namespace Builder.Publishing.TransparencyLog;

/// <summary>
/// Signs checkpoints of logs that it knows, each only where it continues the last one that it signed (C2SP tlog-witness). So a log that wants to show two
/// people two things needs the witness's help. What it signed is on the disk before anybody gets the signature.
/// </summary>
public sealed class Witness : IDisposable
{
    private readonly string directory;
    private readonly Ed25519SigningKey key;
    private readonly Dictionary<string, NoteKey> logs;
    private readonly TimeProvider clock;
    private readonly DirectoryLock held;
    private readonly SemaphoreSlim turn = new(1, 1);

    private Witness(
        string directory,
        NoteKey name,
        Ed25519SigningKey key,
        IEnumerable<NoteKey> logs,
        TimeProvider clock,
        DirectoryLock held
    )
    {
        this.directory = directory;
        this.key = key;
        this.clock = clock;
        this.held = held;
        this.logs = logs.ToDictionary(static log => log.Name, StringComparer.Ordinal);
        Key = name;
    }

    /// <summary>What checks its signatures.</summary>
    public NoteKey Key { get; }

    /// <param name="directory">Keeps what was signed last of each log, for this user alone.</param>
    /// <param name="name">Of the witness, such as <c>witness.example.org</c>.</param>
    /// <param name="logs">Whose checkpoints it signs, one key for each name.</param>
    /// <exception cref="LogException">Another process has the directory.</exception>
    public static Witness Open(string directory, string name, Ed25519SigningKey key, IEnumerable<NoteKey> logs, TimeProvider clock)
    {
        PrivateFiles.CreateDirectory(directory);
        var held = DirectoryLock.TryTakeAlone(directory) ?? throw new LogException($"another witness uses {directory}; end it first");
        return new Witness(directory, new NoteKey(name, NoteKeyKind.Cosignature, key.PublicKey), key, logs, clock, held);
    }

    /// <summary>To <c>POST /add-checkpoint</c>.</summary>
    public async Task<WitnessAnswer> AddAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        WitnessRequest request;
        Checkpoint checkpoint;
        try
        {
            request = WitnessRequest.Parse(body.Span);
            checkpoint = Checkpoint.Parse(request.Checkpoint.Text);
        }
        catch (InvalidLogDataException exception)
        {
            return WitnessAnswer.Refused(400, exception.Message);
        }
        if (!logs.TryGetValue(checkpoint.Origin, out var log))
            return WitnessAnswer.Refused(404, $"the log \"{checkpoint.Origin}\" is not known here");
        if (request.Checkpoint.SignatureOf(log) is null)
            return WitnessAnswer.Refused(403, $"the checkpoint is not signed with the key {log.Vkey}");
        if (request.OldSize > checkpoint.Size)
            return WitnessAnswer.Refused(400, $"the checkpoint has {checkpoint.Size} entries, fewer than the {request.OldSize} before");
        await turn.WaitAsync(cancellationToken);
        try
        {
            return Add(request, checkpoint, log);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>The last checkpoint that was signed of a log, with both signatures; null where there is none.</summary>
    /// <param name="originHash">SHA-256 of the log's name, hexadecimal.</param>
    public byte[]? Last(string originHash) =>
        logs.Values.FirstOrDefault(log => NameOf(log.Name) == originHash) is { } log ? ReadLast(log)?.ToBytes() : null;

    public void Dispose()
    {
        held.Dispose();
        turn.Dispose();
    }

    private WitnessAnswer Add(WitnessRequest request, Checkpoint checkpoint, NoteKey log)
    {
        var last = ReadLast(log)?.Checkpoint ?? new Checkpoint(log.Name, 0, MerkleHash.Empty);
        if (request.OldSize != last.Size || (checkpoint.Size == last.Size && checkpoint.Root != last.Root))
            return new WitnessAnswer(409, WitnessAnswer.SizeType, string.Create(CultureInfo.InvariantCulture, $"{last.Size}\n"));
        if (!ConsistencyProof.Verify(last.Size, last.Root, checkpoint.Size, checkpoint.Root, request.Proof))
            return WitnessAnswer.Refused(422, $"the proof does not lead from {last.Size} to {checkpoint.Size} entries");
        var line = Cosignature.Sign(request.Checkpoint.Text, Key, key, clock.GetUtcNow());
        var kept = new SignedNote(request.Checkpoint.Text, [request.Checkpoint.SignatureOf(log)!, line]);
        Keep(log, kept.ToBytes());
        return new WitnessAnswer(200, WitnessAnswer.PlainText, line.Line);
    }

    private SignedCheckpoint? ReadLast(NoteKey log)
    {
        var path = PathOf(log);
        return File.Exists(path) ? SignedCheckpoint.Open(File.ReadAllBytes(path), log) : null;
    }

    private void Keep(NoteKey log, byte[] note)
    {
        var beside = $"{PathOf(log)}.new";
        using (var file = PrivateFiles.Open(beside, FileMode.Create))
        {
            file.Write(note);
            file.Flush(flushToDisk: true);
        }
        File.Move(beside, PathOf(log), overwrite: true);
        DurableDirectory.Flush(directory);
    }

    private string PathOf(NoteKey log) => Path.Combine(directory, NameOf(log.Name));

    private static string NameOf(string origin) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(origin)));
}
