using System.Text.Json;
using Builder.Protocol.Der;
using Builder.Protocol.Text;
using Builder.Protocol.Values;

namespace Builder.Protocol.Messages;

/// <summary>
/// What an extended worker of version 1006 tells about itself before it requests a job: a <see cref="Command.Request"/> with a JSON body.
/// DER tags of one byte end at [30], so there is no number for a message of its own.
/// </summary>
/// <param name="Isolation">How its jobs are kept apart.</param>
/// <param name="Variations">What it can vary in a repetition; null for a worker that does not know <see cref="RepetitionOrder"/>.</param>
public sealed record WorkerFacts(IsolationTier Isolation, Variations? Variations = null)
{
    /// <summary>Of the worker's program, such as <c>0.1.0</c>; null where it does not tell.</summary>
    public string? Version { get; init; }

    /// <summary>It knows <see cref="LeaseMessage"/> and <see cref="ResumeMessage"/>: it comes back to its job after it lost the connection.</summary>
    public bool CanResume { get; init; }

    public const string Verb = "worker-facts";

    private const int MaxReasonLength = 500;
    private const int MaxVersionLength = 40;

    public Command.Request ToCommand()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("isolation", Isolation.Name);
            json.WriteString("isolation_reason", Shortened(Isolation.Reason));
            if (Isolation.Root is { } root)
                json.WriteString("root", root.ToString());
            if (Variations is { } variations)
                json.WriteString("variations", VariationNames.Write(variations));
            if (CanResume)
                json.WriteBoolean("resume", true);
            if (Version is not null)
                json.WriteString("version", Version);
            json.WriteEndObject();
        }
        return new Command.Request(ByteString.FromUtf8(Verb), new ByteString(buffer.ToArray()));
    }

    /// <summary>Reads <see cref="ToCommand"/>. A tier of a later version counts as none; fields of later versions are passed over.</summary>
    /// <exception cref="ProtocolException">Not facts of a worker.</exception>
    public static WorkerFacts From(Command.Request request)
    {
        try
        {
            using var document = JsonDocument.Parse(request.Body.Memory, new JsonDocumentOptions { MaxDepth = 4 });
            var name = document.RootElement.GetProperty("isolation").GetString() ?? "";
            var reason = Shortened(document.RootElement.GetProperty("isolation_reason").GetString() ?? "");
            var root =
                document.RootElement.TryGetProperty("root", out var told) && JobRoot.TryParse(told.GetString(), out var known)
                    ? known
                    : null;
            return new WorkerFacts(
                IsolationTier.TryParse(name, reason, out var tier)
                    ? tier with
                    {
                        Root = root,
                    }
                    : new IsolationTier(
                        IsolationKind.None,
                        $"this server does not know the worker's tier \"{Shortened(name)}\"; update the server"
                    ),
                document.RootElement.TryGetProperty("variations", out var variations)
                    ? VariationNames.ReadKnown(variations.GetString() ?? "")
                    : null
            )
            {
                CanResume = document.RootElement.TryGetProperty("resume", out var resume) && resume.GetBoolean(),
                Version =
                    document.RootElement.TryGetProperty("version", out var version) && version.GetString() is { } text
                        ? VisibleText.Line(text.Length > MaxVersionLength ? text[..MaxVersionLength] : text)
                        : null,
            };
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new ProtocolException(
                ProtocolErrorReason.Unexpected,
                $"the worker's facts cannot be read: {exception.Message}",
                exception
            );
        }
    }

    private static string Shortened(string text) => text.Length > MaxReasonLength ? text[..MaxReasonLength] : text;
}
