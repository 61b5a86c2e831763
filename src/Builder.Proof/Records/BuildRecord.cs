using System.Buffers;
using System.Text.Json;
using Builder.Analysis.Values;
using Builder.Proof.Keys;
using Builder.Proof.Statements;

namespace Builder.Proof.Records;

/// <summary>
/// What a build server says of a build that it received from a worker. The server signs it with a key of its own when the build ends. The
/// signer attests nothing about how a build was made without it: the site, which stores builds, could have made one up.
/// </summary>
public sealed record BuildRecord
{
    public const string PayloadType = "application/vnd.builder.record+json";

    private const int Version = 1;

    public required string Uuid { get; init; }

    public required string Job { get; init; }

    public required string Platform { get; init; }

    /// <summary>SHA-256 of the script.</summary>
    public required Sha256Digest Script { get; init; }

    /// <summary>The worker's name or address, for people.</summary>
    public required string Worker { get; init; }

    /// <summary>How the worker kept the job apart, as it said: <c>sandbox</c>, <c>sandbox-shared-proc</c>, <c>none</c>; null where it did not say.</summary>
    public string? Isolation { get; init; }

    /// <summary>
    /// What the job saw as its root directory, as the worker said: <c>tree:sha256:HEX</c> or <c>image:NAME@sha256:HEX</c>; null for the worker's machine.
    /// </summary>
    public string? Root { get; init; }

    public required DateTimeOffset Started { get; init; }

    public required DateTimeOffset Finished { get; init; }

    /// <summary>SHA-256 of the whole build as it is uploaded.</summary>
    public required Sha256Digest Exec { get; init; }

    /// <summary>Bytes of the whole build.</summary>
    public required long ExecSize { get; init; }

    /// <summary>By <see cref="ArtifactListDigest"/>.</summary>
    public required Sha256Digest Artifacts { get; init; }

    public required long ArtifactCount { get; init; }

    public DsseEnvelope Sign(SigningKey key) => DsseEnvelope.Sign(PayloadType, ToJson(), key);

    /// <summary>Reads a record; who signed it is the caller's question.</summary>
    /// <exception cref="InvalidStatementException">Not a record.</exception>
    public static BuildRecord Read(DsseEnvelope envelope)
    {
        if (envelope.PayloadType != PayloadType)
            throw new InvalidStatementException($"the envelope holds no record of a build but {envelope.PayloadType}");
        try
        {
            using var document = StrictJson.Parse(envelope.Payload, 4);
            return Read(document.RootElement);
        }
        catch (JsonException exception)
        {
            throw new InvalidStatementException($"the record is not JSON: {exception.Message}", exception);
        }
    }

    private static BuildRecord Read(JsonElement root) =>
        Number(root, "version") != Version
            ? throw new InvalidStatementException($"the record is of version {Number(root, "version")}; version {Version} is read")
            : new BuildRecord
            {
                Uuid = JsonFields.Text(root, "uuid"),
                Job = JsonFields.Text(root, "job"),
                Platform = JsonFields.Text(root, "platform"),
                Script = JsonFields.Digest(root, "script"),
                Worker = JsonFields.TextOrNull(root, "worker") ?? "",
                Isolation = JsonFields.TextOrNull(root, "isolation"),
                Root = JsonFields.TextOrNull(root, "root"),
                Started = JsonFields.TimeOrNull(root, "started") ?? throw new InvalidStatementException("\"started\" is missing"),
                Finished = JsonFields.TimeOrNull(root, "finished") ?? throw new InvalidStatementException("\"finished\" is missing"),
                Exec = JsonFields.Digest(root, "exec"),
                ExecSize = Number(root, "execSize"),
                Artifacts = JsonFields.Digest(root, "artifacts"),
                ArtifactCount = Number(root, "artifactCount"),
            };

    private static long Number(JsonElement root, string name) =>
        root.ValueKind == JsonValueKind.Object
        && root.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.Number
        && value.TryGetInt64(out var number)
        && number >= 0
            ? number
            : throw new InvalidStatementException($"\"{name}\" is missing or no number");

    private byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JsonText.Plain }))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteString("uuid", Uuid);
            json.WriteString("job", Job);
            json.WriteString("platform", Platform);
            json.WriteString("script", Script.ToString());
            json.WriteString("worker", Worker);
            if (Isolation is not null)
                json.WriteString("isolation", Isolation);
            if (Root is not null)
                json.WriteString("root", Root);
            json.WriteString("started", JsonFields.Time(Started));
            json.WriteString("finished", JsonFields.Time(Finished));
            json.WriteString("exec", Exec.ToString());
            json.WriteNumber("execSize", ExecSize);
            json.WriteString("artifacts", Artifacts.ToString());
            json.WriteNumber("artifactCount", ArtifactCount);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }
}
