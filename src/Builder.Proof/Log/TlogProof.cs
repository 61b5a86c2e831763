using System.Globalization;
using System.Text;
using Builder.Analysis.Values;

namespace Builder.Proof.Log;

/// <summary>All that shows, without asking anyone, that an entry is in a log: its place, the hashes up to the root, the signed root (C2SP tlog-proof).</summary>
/// <param name="Extra">What the reader needs to make the leaf, or null.</param>
public sealed record TlogProof(long Index, IReadOnlyList<Sha256Digest> Hashes, SignedNote Checkpoint, ReadOnlyMemory<byte>? Extra = null)
{
    public const string ContentType = "text/plain; charset=utf-8";

    /// <summary>The longest proof that is read, in bytes.</summary>
    public const int MaxSizeInBytes = 2 * SignedNote.MaxSizeInBytes;

    private const string Head = "c2sp.org/tlog-proof@v1";
    private const string ExtraStart = "extra ";
    private const string IndexStart = "index ";

    public byte[] ToBytes() => Encoding.UTF8.GetBytes(ToString());

    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(Head).Append('\n');
        if (Extra is { } extra)
            text.Append(ExtraStart).Append(Convert.ToBase64String(extra.Span)).Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"{IndexStart}{Index}\n");
        foreach (var hash in Hashes)
            text.Append(HashText.Of(hash)).Append('\n');
        return text.Append('\n').Append(Checkpoint).ToString();
    }

    /// <exception cref="InvalidLogDataException">Not a proof. Nothing in it is verified.</exception>
    public static TlogProof Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxSizeInBytes)
            throw new InvalidLogDataException($"the proof has {bytes.Length} bytes; at most {MaxSizeInBytes} are read");
        var end = bytes.IndexOf("\n\n"u8);
        if (end < 0)
            throw new InvalidLogDataException("not a proof: no empty line before the checkpoint");
        var lines = new Queue<string>(Encoding.UTF8.GetString(bytes[..end]).Split('\n'));
        if (!lines.TryDequeue(out var head) || head != Head)
            throw new InvalidLogDataException($"not a proof: its first line is not \"{Head}\"");
        var extra = ReadExtra(lines);
        if (
            !lines.TryDequeue(out var place)
            || !place.StartsWith(IndexStart, StringComparison.Ordinal)
            || !Log.Checkpoint.TryParseSize(place[IndexStart.Length..], out var index)
        )
        {
            throw new InvalidLogDataException("the proof has no line \"index N\"");
        }
        if (lines.Count > InclusionProof.MaxHashes)
            throw new InvalidLogDataException($"the proof has {lines.Count} hashes; at most {InclusionProof.MaxHashes} are read");
        return new TlogProof(index, [.. lines.Select(HashText.Parse)], SignedNote.Parse(bytes[(end + 2)..]), extra);
    }

    /// <summary>The checkpoint, where the proof leads from the leaf to it and the log has signed it.</summary>
    /// <exception cref="InvalidLogDataException">The leaf is not in the log as this proof says.</exception>
    public SignedCheckpoint Verify(ReadOnlySpan<byte> leaf, NoteKey log)
    {
        var signed = SignedCheckpoint.Open(Checkpoint, log);
        return InclusionProof.Verify(MerkleHash.OfLeaf(leaf), Index, signed.Size, Hashes, signed.Checkpoint.Root)
            ? signed
            : throw new InvalidLogDataException($"the proof does not lead from the entry to the root of {signed.Size} entries");
    }

    private static ReadOnlyMemory<byte>? ReadExtra(Queue<string> lines)
    {
        if (!lines.TryPeek(out var line) || !line.StartsWith(ExtraStart, StringComparison.Ordinal))
            return null;
        lines.Dequeue();
        var bytes = new byte[line.Length];
        return
            Convert.TryFromBase64String(line[ExtraStart.Length..], bytes, out var length)
            && Convert.ToBase64String(bytes.AsSpan(0, length)) == line[ExtraStart.Length..]
            ? bytes.AsMemory(0, length)
            : throw new InvalidLogDataException("\"extra\" of the proof is not base64");
    }
}
