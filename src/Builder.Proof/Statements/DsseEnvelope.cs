using System.Buffers;
using System.Text.Json;
using Builder.Analysis.Values;
using Builder.Proof.Keys;

namespace Builder.Proof.Statements;

/// <summary>
/// A signed payload (DSSE 1.0.2). The payload's bytes are kept as they were signed; nothing is ever written anew to check a signature.
/// </summary>
public sealed class DsseEnvelope
{
    /// <summary>Payload type of in-toto statements, the one that cosign takes.</summary>
    public const string InTotoPayloadType = "application/vnd.in-toto+json";

    /// <summary>Longest envelope that is read, in bytes of JSON. A statement about 10,000 artifacts takes 2 MB.</summary>
    public const int MaxSizeInBytes = 16 * 1024 * 1024;

    private const int MaxSignatures = 64;

    private DsseEnvelope(string payloadType, ReadOnlyMemory<byte> payload, IReadOnlyList<DsseSignature> signatures)
    {
        PayloadType = payloadType;
        Payload = payload;
        Signatures = signatures;
    }

    public string PayloadType { get; }

    public ReadOnlyMemory<byte> Payload { get; }

    public IReadOnlyList<DsseSignature> Signatures { get; }

    /// <summary>The bytes that each signature covers.</summary>
    public byte[] SignedBytes => PreAuthenticationEncoding.Of(PayloadType, Payload.Span);

    public static DsseEnvelope Sign(string payloadType, ReadOnlyMemory<byte> payload, SigningKey key)
    {
        var signature = key.Sign(PreAuthenticationEncoding.Of(payloadType, payload.Span));
        return new DsseEnvelope(payloadType, payload, [new DsseSignature(key.Id.Value, signature)]);
    }

    /// <summary>The same payload with one more signature.</summary>
    public DsseEnvelope With(SigningKey key) =>
        new(PayloadType, Payload, [.. Signatures, new DsseSignature(key.Id.Value, key.Sign(SignedBytes))]);

    /// <summary>True when one of the signatures is of this key, whatever key id it names.</summary>
    public bool IsSignedBy(VerificationKey key)
    {
        var signed = SignedBytes;
        return Signatures.Any(signature => key.Verify(signed, signature.Signature.Span));
    }

    /// <summary>The envelope as JSON in one line, without a line break at the end.</summary>
    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>((Payload.Length / 3 * 4) + 1024);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JsonText.Plain }))
        {
            Write(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The envelope as an object, where a bundle holds it.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("payloadType", PayloadType);
        writer.WriteBase64String("payload", Payload.Span);
        writer.WriteStartArray("signatures");
        foreach (var signature in Signatures)
        {
            writer.WriteStartObject();
            if (signature.KeyId is { } keyId)
            {
                writer.WriteString("keyid", keyId);
            }

            writer.WriteBase64String("sig", signature.Signature.Span);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <exception cref="InvalidEnvelopeException">Not an envelope, too long, or without a signature.</exception>
    public static DsseEnvelope Parse(ReadOnlyMemory<byte> json)
    {
        if (json.Length > MaxSizeInBytes)
        {
            throw new InvalidEnvelopeException($"the envelope has {json.Length} bytes; at most {MaxSizeInBytes} are read");
        }

        try
        {
            using var document = StrictJson.Parse(json, 16);
            return Read(document.RootElement);
        }
        catch (JsonException exception)
        {
            throw new InvalidEnvelopeException($"the envelope is not JSON: {exception.Message}", exception);
        }
    }

    /// <exception cref="InvalidEnvelopeException">Not an envelope, or without a signature.</exception>
    public static DsseEnvelope Read(JsonElement element)
    {
        var payloadType = Text(element, "payloadType");
        var payload = Base64(element, "payload");
        if (!element.TryGetProperty("signatures", out var list) || list.ValueKind != JsonValueKind.Array)
        {
            throw new InvalidEnvelopeException("the envelope has no list \"signatures\"");
        }

        if (list.GetArrayLength() is 0 or > MaxSignatures)
        {
            throw new InvalidEnvelopeException(
                $"the envelope has {list.GetArrayLength()} signatures; between 1 and {MaxSignatures} are read"
            );
        }

        return new DsseEnvelope(payloadType, payload, [.. list.EnumerateArray().Select(ReadSignature)]);
    }

    private static DsseSignature ReadSignature(JsonElement element)
    {
        var signature = Base64(element, "sig");
        var keyId = element.TryGetProperty("keyid", out var id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null;
        return new DsseSignature(string.IsNullOrEmpty(keyId) ? null : keyId, signature);
    }

    private static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() ?? ""
            : throw new InvalidEnvelopeException($"the envelope has no text \"{name}\"");

    /// <summary>Standard or URL-safe base64, with or without padding: verifiers of DSSE take either.</summary>
    private static byte[] Base64(JsonElement element, string name)
    {
        if (
            element.ValueKind == JsonValueKind.Object
            && element.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.String
            && value.TryGetBytesFromBase64(out var standard)
        )
            return standard;
        var text = Text(element, name).Replace('-', '+').Replace('_', '/').TrimEnd('=');
        var padded = text.PadRight((text.Length + 3) / 4 * 4, '=');
        var bytes = new byte[padded.Length / 4 * 3];
        return Convert.TryFromBase64String(padded, bytes, out var written)
            ? bytes[..written]
            : throw new InvalidEnvelopeException($"\"{name}\" of the envelope is not base64");
    }
}
