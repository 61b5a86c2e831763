using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Builder.Analysis.Values;
using Builder.Proof.Keys;
using Builder.Proof.Log;

namespace Builder.Proof.Statements;

/// <summary>
/// A signed statement with the proof that it is in the log, in one file that cosign and sigstore-js verify without asking anyone (Sigstore bundle v0.3).
/// </summary>
/// <param name="LogId">SHA-256 of the log's name and key, all 32 bytes (<see cref="NoteKey.FullHash"/>).</param>
/// <param name="KeyHint">Names the key that signed the statement: base64 of the SHA-256 of its SubjectPublicKeyInfo.</param>
public sealed record SigstoreBundle(
    DsseEnvelope Envelope,
    string KeyHint,
    ReadOnlyMemory<byte> LogId,
    ReadOnlyMemory<byte> Leaf,
    TlogProof Proof
)
{
    public const string MediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";

    /// <summary>The longest bundle that is read, in bytes of JSON.</summary>
    public const int MaxSizeInBytes = DsseEnvelope.MaxSizeInBytes + (1 << 20);

    private const string RekordVersion = "0.0.2";

    public static SigstoreBundle Create(
        DsseEnvelope envelope,
        VerificationKey signer,
        NoteKey log,
        ReadOnlyMemory<byte> leaf,
        TlogProof proof
    ) => new(envelope, HintOf(signer), log.FullHash(), leaf, proof);

    public static string HintOf(VerificationKey key) => Convert.ToBase64String(SHA256.HashData(key.SubjectPublicKeyInfo.Span));

    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JsonText.Plain }))
            Write(writer);
        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="InvalidLogDataException">Not a bundle with an entry of a log.</exception>
    /// <exception cref="InvalidEnvelopeException">Its statement is no signed envelope. Nothing is verified.</exception>
    public static SigstoreBundle Parse(ReadOnlyMemory<byte> json)
    {
        if (json.Length > MaxSizeInBytes)
            throw new InvalidLogDataException($"the bundle has {json.Length} bytes; at most {MaxSizeInBytes} are read");
        try
        {
            using var document = StrictJson.Parse(json, 16);
            return Read(document.RootElement);
        }
        catch (Exception exception)
            when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidLogDataException($"not a Sigstore bundle with an entry of a log: {exception.Message}", exception);
        }
    }

    private static SigstoreBundle Read(JsonElement root)
    {
        if (root.GetProperty("mediaType").GetString() != MediaType)
            throw new InvalidLogDataException($"the bundle's type is not {MediaType}");
        var material = root.GetProperty("verificationMaterial");
        if (material.GetProperty("tlogEntries") is not { ValueKind: JsonValueKind.Array } entries || entries.GetArrayLength() != 1)
            throw new InvalidLogDataException("the bundle has no entry of a log, or more than one");
        var entry = entries[0];
        return new SigstoreBundle(
            DsseEnvelope.Read(root.GetProperty("dsseEnvelope")),
            material.GetProperty("publicKey").GetProperty("hint").GetString() ?? "",
            entry.GetProperty("logId").GetProperty("keyId").GetBytesFromBase64(),
            entry.GetProperty("canonicalizedBody").GetBytesFromBase64(),
            ReadProof(entry.GetProperty("inclusionProof"))
        );
    }

    private static TlogProof ReadProof(JsonElement proof)
    {
        var hashes = proof.GetProperty("hashes");
        if (!Checkpoint.TryParseSize(proof.GetProperty("logIndex").GetString() ?? "", out var index))
            throw new InvalidLogDataException("the bundle's place in the log is no number");
        if (hashes.GetArrayLength() > InclusionProof.MaxHashes)
            throw new InvalidLogDataException(
                $"the proof has {hashes.GetArrayLength()} hashes; at most {InclusionProof.MaxHashes} are read"
            );
        var checkpoint = proof.GetProperty("checkpoint").GetProperty("envelope").GetString() ?? "";
        return new TlogProof(
            index,
            [.. hashes.EnumerateArray().Select(static hash => HashText.Parse(hash.GetString() ?? ""))],
            SignedNote.Parse(System.Text.Encoding.UTF8.GetBytes(checkpoint))
        );
    }

    private void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("mediaType", MediaType);
        writer.WriteStartObject("verificationMaterial");
        writer.WriteStartObject("publicKey");
        writer.WriteString("hint", KeyHint);
        writer.WriteEndObject();
        writer.WriteStartArray("tlogEntries");
        WriteEntry(writer);
        writer.WriteEndArray();
        writer.WriteStartObject("timestampVerificationData");
        writer.WriteStartArray("rfc3161Timestamps");
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WritePropertyName("dsseEnvelope");
        Envelope.Write(writer);
        writer.WriteEndObject();
    }

    private void WriteEntry(Utf8JsonWriter writer)
    {
        var index = Proof.Index.ToString(CultureInfo.InvariantCulture);
        var checkpoint = Checkpoint.Parse(Proof.Checkpoint.Text);
        writer.WriteStartObject();
        writer.WriteString("logIndex", index);
        writer.WriteStartObject("logId");
        writer.WriteBase64String("keyId", LogId.Span);
        writer.WriteEndObject();
        writer.WriteStartObject("kindVersion");
        writer.WriteString("kind", LogLeaf.HashedRekord);
        writer.WriteString("version", RekordVersion);
        writer.WriteEndObject();
        writer.WriteStartObject("inclusionProof");
        writer.WriteString("logIndex", index);
        writer.WriteString("rootHash", HashText.Of(checkpoint.Root));
        writer.WriteString("treeSize", checkpoint.Size.ToString(CultureInfo.InvariantCulture));
        writer.WriteStartArray("hashes");
        foreach (var hash in Proof.Hashes)
            writer.WriteStringValue(HashText.Of(hash));
        writer.WriteEndArray();
        writer.WriteStartObject("checkpoint");
        writer.WriteString("envelope", Proof.Checkpoint.ToString());
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteBase64String("canonicalizedBody", Leaf.Span);
        writer.WriteEndObject();
    }
}
