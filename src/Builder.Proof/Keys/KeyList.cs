using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Builder.Analysis.Values;

namespace Builder.Proof.Keys;

/// <summary>
/// All keys that a site ever used: the payload of <c>/.well-known/builder-keys.json</c>. It is signed by the key in use, and once more by the one
/// before it when that was replaced, so that who knows the old key can follow.
/// </summary>
/// <param name="Site">How visitors reach the site, such as <c>https://builds.example.org</c>.</param>
/// <param name="Issued">When the list was made: of two lists the later counts.</param>
public sealed record KeyList(string Site, DateTimeOffset Issued, ImmutableArray<PublishedKey> Keys)
{
    public const string PayloadType = "application/vnd.builder.keys+json";

    private const int Version = 1;
    private const int MaxKeys = 1000;
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    public PublishedKey? Find(KeyId id) => Keys.FirstOrDefault(key => key.Id == id);

    /// <summary>What a signature by this key is worth.</summary>
    /// <inheritdoc cref="PublishedKey.At"/>
    public KeyStanding StandingOf(KeyId id, DateTimeOffset signed, long? logIndex) => Find(id)?.At(signed, logIndex) ?? KeyStanding.Unknown;

    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteString("site", Site);
            json.WriteString("issued", Text(Issued));
            json.WriteStartArray("keys");
            foreach (var key in Keys)
                Write(json, key);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="InvalidKeyException">Not a list of keys.</exception>
    public static KeyList Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = StrictJson.Parse(json, 8);
            var root = document.RootElement;
            if (root.GetProperty("version").GetInt32() != Version)
                throw new InvalidKeyException($"the list of keys is of a version other than {Version}");
            var keys = root.GetProperty("keys");
            return keys.GetArrayLength() <= MaxKeys
                ? new KeyList(Required(root, "site"), Time(root, "issued"), [.. keys.EnumerateArray().Select(ReadKey)])
                : throw new InvalidKeyException($"the list has more than {MaxKeys} keys");
        }
        catch (Exception exception)
            when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidKeyException("not a list of keys: fields are missing, or it is not JSON", exception);
        }
    }

    private static void Write(Utf8JsonWriter json, PublishedKey key)
    {
        json.WriteStartObject();
        json.WriteString("id", key.Id.Value);
        json.WriteString("use", NameOf(key.Use));
        json.WriteString("pem", key.Key.ToPem());
        json.WriteString("from", Text(key.From));
        if (key.Retired is { } retired)
            json.WriteString("retired", Text(retired));
        if (key.Revocation is { } revocation)
        {
            json.WriteStartObject("compromised");
            json.WriteString("since", Text(revocation.Since));
            if (revocation.SinceLogIndex is { } index)
                json.WriteNumber("sinceLogIndex", index);
            json.WriteString("because", revocation.Because);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static PublishedKey ReadKey(JsonElement element)
    {
        var key = VerificationKey.FromPem(Required(element, "pem"));
        if (Required(element, "id") != key.Id.Value)
            throw new InvalidKeyException($"the list names the key {key.Id} otherwise");
        return new PublishedKey(
            key,
            UseOf(Required(element, "use")),
            Time(element, "from"),
            element.TryGetProperty("retired", out _) ? Time(element, "retired") : null,
            element.TryGetProperty("compromised", out var compromised)
                ? new KeyRevocation(
                    Time(compromised, "since"),
                    compromised.TryGetProperty("sinceLogIndex", out var index) ? index.GetInt64() : null,
                    Required(compromised, "because")
                )
                : null
        );
    }

    public static string NameOf(KeyUse use) =>
        use switch
        {
            KeyUse.Statements => "statements",
            KeyUse.Log => "log",
            _ => "files",
        };

    private static KeyUse UseOf(string name) =>
        name switch
        {
            "statements" => KeyUse.Statements,
            "log" => KeyUse.Log,
            "files" => KeyUse.Files,
            _ => throw new InvalidKeyException($"a key is for \"{name}\", which is unknown"),
        };

    private static string Required(JsonElement element, string name) =>
        element.GetProperty(name).GetString() ?? throw new InvalidKeyException($"\"{name}\" is missing in the list of keys");

    private static DateTimeOffset Time(JsonElement element, string name) =>
        DateTimeOffset.ParseExact(Required(element, name), TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);
}
