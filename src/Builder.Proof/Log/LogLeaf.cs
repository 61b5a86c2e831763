using System.Buffers;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using Builder.Analysis.Values;

namespace Builder.Proof.Log;

/// <summary>
/// An entry of the log: a signature over a signed statement, without the statement. <c>hashedrekord</c> 0.0.2 is what Rekor v2 writes, so that cosign and
/// sigstore-js check it (facts of each: keys sorted, no spaces); other kinds tell readers of the log more than that something was signed.
/// </summary>
/// <param name="Kind"><see cref="HashedRekord"/>, or one of ours such as <see cref="Retraction"/>.</param>
/// <param name="Digest">SHA-256 of the bytes that the signature covers: of a DSSE envelope's pre-authentication encoding.</param>
/// <param name="Signature">DER of ECDSA P-256.</param>
/// <param name="PublicKey">SubjectPublicKeyInfo of the P-256 key that signed.</param>
/// <param name="Subject">What an entry of ours is about, such as a build's uuid; null for <c>hashedrekord</c>.</param>
public sealed record LogLeaf(
    string Kind,
    Sha256Digest Digest,
    ReadOnlyMemory<byte> Signature,
    ReadOnlyMemory<byte> PublicKey,
    string? Subject = null
)
{
    /// <summary>A signed statement: provenance, verification summary, SBOM.</summary>
    public const string HashedRekord = "hashedrekord";

    /// <summary>A build must not be trusted any more; the subject is its uuid.</summary>
    public const string Retraction = "builder-retraction";

    /// <summary>The site's list of keys changed.</summary>
    public const string Keys = "builder-keys";

    private const string RekordVersion = "0.0.2";
    private const string OurVersion = "1";
    private const string Algorithm = "SHA2_256";
    private const string KeyDetails = "PKIX_ECDSA_P256_SHA_256";
    private const int MaxSubjectLength = 1024;

    private string SpecName => Kind == HashedRekord ? "hashedRekordV002" : "statement";

    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            Write(writer);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Whether the key in it made the signature in it. Whose key it is, it does not say.</summary>
    public bool HasValidSignature()
    {
        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(PublicKey.Span, out _);
            return key.VerifyHash(Digest.ToByteArray(), Signature.Span, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (Exception exception) when (exception is CryptographicException or PlatformNotSupportedException)
        {
            return false;
        }
    }

    /// <exception cref="InvalidLogDataException">Not an entry, or not written as <see cref="ToJson"/> writes it.</exception>
    public static LogLeaf Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = StrictJson.Parse(json, 8);
            var leaf = Read(document.RootElement);
            return leaf.ToJson().AsSpan().SequenceEqual(json.Span)
                ? leaf
                : throw new InvalidLogDataException("the entry is not written in the one way that the log writes it");
        }
        catch (Exception exception)
            when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or InvalidDataException
            )
        {
            throw new InvalidLogDataException("not an entry of the log: it lacks fields, or is not JSON", exception);
        }
    }

    private static LogLeaf Read(JsonElement root)
    {
        var kind = Text(root.GetProperty("kind"));
        var isRekord = kind == HashedRekord;
        var spec = root.GetProperty("spec").GetProperty(isRekord ? "hashedRekordV002" : "statement");
        var signature = spec.GetProperty("signature");
        var subject = isRekord ? null : Text(spec.GetProperty("subject"));
        if (subject?.Length > MaxSubjectLength)
            throw new InvalidLogDataException($"the entry's subject has {subject.Length} characters; at most {MaxSubjectLength} are read");
        return new LogLeaf(
            kind,
            Sha256Digest.FromBytes(spec.GetProperty("data").GetProperty("digest").GetBytesFromBase64()),
            signature.GetProperty("content").GetBytesFromBase64(),
            signature.GetProperty("verifier").GetProperty("publicKey").GetProperty("rawBytes").GetBytesFromBase64(),
            subject
        );
    }

    private static string Text(JsonElement element) => element.GetString() ?? throw new InvalidLogDataException("the entry lacks a text");

    private void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("apiVersion", Kind == HashedRekord ? RekordVersion : OurVersion);
        writer.WriteString("kind", Kind);
        writer.WriteStartObject("spec");
        writer.WriteStartObject(SpecName);
        writer.WriteStartObject("data");
        writer.WriteString("algorithm", Algorithm);
        writer.WriteBase64String("digest", Digest.ToByteArray());
        writer.WriteEndObject();
        writer.WriteStartObject("signature");
        writer.WriteBase64String("content", Signature.Span);
        writer.WriteStartObject("verifier");
        writer.WriteString("keyDetails", KeyDetails);
        writer.WriteStartObject("publicKey");
        writer.WriteBase64String("rawBytes", PublicKey.Span);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
        if (Kind != HashedRekord)
            writer.WriteString("subject", Subject ?? "");
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
