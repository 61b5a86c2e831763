using System.Collections.Immutable;
using System.Text.Json;
using Builder.Analysis.Values;
using Builder.Proof.Keys;
using Builder.Proof.Log;

namespace Builder.Proof.Verifying;

/// <summary>Reads which logs to believe from a Sigstore trusted root, as <c>/trusted_root.json</c> of a site is.</summary>
public static class TrustedRootReader
{
    /// <summary>In bytes.</summary>
    public const int MaxSize = 1024 * 1024;

    private const int MaxLogs = 100;

    /// <exception cref="InvalidEvidenceException">It is no trusted root with a log of an Ed25519 key.</exception>
    public static ImmutableArray<NoteKey> Read(ReadOnlyMemory<byte> json)
    {
        if (json.Length > MaxSize)
            throw new InvalidEvidenceException($"the trusted root has {json.Length} bytes; at most {MaxSize} are read");
        try
        {
            using var document = StrictJson.Parse(json, 16);
            var logs = document.RootElement.GetProperty("tlogs");
            if (logs.GetArrayLength() is 0 or > MaxLogs)
                throw new InvalidEvidenceException(
                    $"the trusted root names {logs.GetArrayLength()} logs; between 1 and {MaxLogs} are read"
                );
            return [.. logs.EnumerateArray().Select(ReadLog)];
        }
        catch (Exception exception)
            when (exception
                    is JsonException
                        or KeyNotFoundException
                        or InvalidOperationException
                        or FormatException
                        or InvalidKeyException
                        or InvalidLogDataException
            )
        {
            throw new InvalidEvidenceException($"not a Sigstore trusted root with logs: {exception.Message}", exception);
        }
    }

    private static NoteKey ReadLog(JsonElement log)
    {
        var key = VerificationKey.FromSubjectPublicKeyInfo(log.GetProperty("publicKey").GetProperty("rawBytes").GetBytesFromBase64());
        if (key is not Ed25519VerificationKey ed25519)
            throw new InvalidEvidenceException("the key of a log in the trusted root is not Ed25519");
        var name = new Uri(log.GetProperty("baseUrl").GetString() ?? "").Host;
        var read = new NoteKey(name, NoteKeyKind.Ed25519, ed25519);
        return log.GetProperty("logId").GetProperty("keyId").GetBytesFromBase64().AsSpan().SequenceEqual(read.FullHash())
            ? read
            : throw new InvalidEvidenceException($"the trusted root names the log {name} by another id than its key has");
    }
}
