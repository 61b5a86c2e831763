using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Builder.Proof.Log;

namespace Builder.Proof.Statements;

/// <summary>Says cosign and sigstore-js which log to believe, for <c>--trusted-root</c> (Sigstore trusted root v0.1).</summary>
public static class TrustedRoot
{
    public const string MediaType = "application/vnd.dev.sigstore.trustedroot+json;version=0.1";

    /// <param name="site">The log's name must be its bare host name: sigstore-go compares them.</param>
    /// <param name="start">Since when the log's key is valid.</param>
    public static byte[] ToJson(Uri site, NoteKey log, DateTimeOffset start)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JsonText.Plain }))
        {
            writer.WriteStartObject();
            writer.WriteString("mediaType", MediaType);
            writer.WriteStartArray("tlogs");
            writer.WriteStartObject();
            writer.WriteString("baseUrl", site.GetLeftPart(UriPartial.Authority));
            writer.WriteString("hashAlgorithm", "SHA2_256");
            writer.WriteStartObject("publicKey");
            writer.WriteBase64String("rawBytes", log.Key.SubjectPublicKeyInfo.Span);
            writer.WriteString("keyDetails", "PKIX_ED25519");
            writer.WriteStartObject("validFor");
            writer.WriteString("start", start.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteStartObject("logId");
            writer.WriteBase64String("keyId", log.FullHash());
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }
}
