using System.Globalization;
using System.Text;
using Builder.Analysis.Values;
using Builder.Proof.Log;

namespace Builder.Publishing.TransparencyLog;

/// <summary>A checkpoint for a witness, with the proof that it continues the one that the witness saw last (C2SP tlog-witness).</summary>
public sealed record WitnessRequest(long OldSize, IReadOnlyList<Sha256Digest> Proof, SignedNote Checkpoint)
{
    /// <summary>The longest request that is read, in bytes.</summary>
    public const int MaxSizeInBytes = SignedNote.MaxSizeInBytes + (64 * 64);

    private const string Start = "old ";

    public byte[] ToBytes()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Start}{OldSize}\n");
        foreach (var hash in Proof)
            text.Append(Convert.ToBase64String(hash.ToByteArray())).Append('\n');
        return Encoding.UTF8.GetBytes(text.Append('\n').Append(Checkpoint).ToString());
    }

    /// <exception cref="InvalidLogDataException">Not such a request. Nothing in it is verified.</exception>
    public static WitnessRequest Parse(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf("\n\n"u8);
        if (bytes.Length > MaxSizeInBytes || end < 0)
            throw new InvalidLogDataException("no empty line before the checkpoint");
        var lines = Encoding.UTF8.GetString(bytes[..end]).Split('\n');
        if (!lines[0].StartsWith(Start, StringComparison.Ordinal) || !IsSize(lines[0][Start.Length..], out var size))
            throw new InvalidLogDataException("the first line is not \"old SIZE\"");
        if (lines.Length - 1 > ConsistencyProof.MaxHashes)
            throw new InvalidLogDataException($"the proof has {lines.Length - 1} hashes; at most {ConsistencyProof.MaxHashes} are read");
        return new WitnessRequest(size, [.. lines.Skip(1).Select(HashLine)], SignedNote.Parse(bytes[(end + 2)..]));
    }

    private static bool IsSize(string text, out long size) => Builder.Proof.Log.Checkpoint.TryParseSize(text, out size);

    private static Sha256Digest HashLine(string line)
    {
        Span<byte> hash = stackalloc byte[Sha256Digest.SizeInBytes];
        return line.Length == 44 && Convert.TryFromBase64String(line, hash, out var length) && length == hash.Length
            ? Sha256Digest.FromBytes(hash)
            : throw new InvalidLogDataException("a line of the proof is no hash");
    }
}
