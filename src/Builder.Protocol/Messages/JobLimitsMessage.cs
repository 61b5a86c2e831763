using System.Text.Json;
using Builder.Protocol.Der;
using Builder.Protocol.Values;

namespace Builder.Protocol.Messages;

/// <summary>
/// What the server sends to an extended worker of version 1006 or later just before a job: a <see cref="Command.Request"/> with a JSON body,
/// for DER tags of one byte end at [30]. Absent fields are no limits.
/// </summary>
public static class JobLimitsMessage
{
    public const string Verb = "job-limits";

    private static readonly (string Name, Func<JobLimits, long?> Get)[] Fields =
    [
        ("processes", limits => limits.MaxProcesses),
        ("memory_bytes", limits => limits.MaxMemoryBytes),
        ("disk_bytes", limits => limits.MaxDiskBytes),
        ("console_bytes", limits => limits.MaxConsoleBytes),
        ("artifacts", limits => limits.MaxArtifacts),
        ("artifact_bytes", limits => limits.MaxArtifactBytes),
    ];

    public static Command.Request ToCommand(JobLimits limits)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            Write(json, limits);
        return new Command.Request(ByteString.FromUtf8(Verb), new ByteString(buffer.ToArray()));
    }

    /// <exception cref="ProtocolException">Not limits of a job.</exception>
    public static JobLimits From(Command.Request request)
    {
        try
        {
            using var document = JsonDocument.Parse(request.Body.Memory, new JsonDocumentOptions { MaxDepth = 4 });
            return Read(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            throw new ProtocolException(
                ProtocolErrorReason.Unexpected,
                $"the limits of the job cannot be read: {exception.Message}",
                exception
            );
        }
    }

    /// <summary>As an object with a number for each limit that is set.</summary>
    public static void Write(Utf8JsonWriter json, JobLimits limits)
    {
        json.WriteStartObject();
        foreach (var (name, get) in Fields)
        {
            if (get(limits) is { } value)
                json.WriteNumber(name, value);
        }
        json.WriteEndObject();
    }

    /// <summary>What <see cref="Write"/> wrote; fields of later versions are passed over.</summary>
    /// <exception cref="FormatException">A limit is not a number from 1 on.</exception>
    public static JobLimits Read(JsonElement limits)
    {
        return new JobLimits
        {
            MaxProcesses = Value("processes"),
            MaxMemoryBytes = Value("memory_bytes"),
            MaxDiskBytes = Value("disk_bytes"),
            MaxConsoleBytes = Value("console_bytes"),
            MaxArtifacts = Value("artifacts"),
            MaxArtifactBytes = Value("artifact_bytes"),
        };

        long? Value(string name)
        {
            if (!limits.TryGetProperty(name, out var value))
                return null;
            return value.TryGetInt64(out var number) && number > 0
                ? number
                : throw new FormatException($"limit {name} is not a number from 1 on");
        }
    }
}
