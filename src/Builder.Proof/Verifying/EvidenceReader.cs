using System.Text.Json;
using Builder.Analysis.Values;
using Builder.Proof.Log;
using Builder.Proof.Statements;

namespace Builder.Proof.Verifying;

/// <summary>
/// Reads signed statements from a file: one envelope (DSSE), one Sigstore bundle, or a line for each (<c>.intoto.jsonl</c>). Lines of other kinds are
/// left out, as the in-toto bundle format asks.
/// </summary>
public static class EvidenceReader
{
    /// <summary>In bytes.</summary>
    public const int MaxSize = 64 * 1024 * 1024;

    private const int MaxStatements = 10_000;
    private const int MaxDepth = 16;

    /// <param name="name">What messages call the file.</param>
    /// <exception cref="InvalidEvidenceException">It is too large, cut off, or has no signed statement.</exception>
    public static IReadOnlyList<Evidence> Read(ReadOnlyMemory<byte> file, string name)
    {
        if (file.Length > MaxSize)
            throw new InvalidEvidenceException($"{name} has {file.Length} bytes; at most {MaxSize} are read");
        var found = new List<Evidence>();
        foreach (var document in Documents(file))
        {
            if (ReadOne(document, name) is not { } evidence)
                continue;
            if (found.Count == MaxStatements)
                throw new InvalidEvidenceException($"{name} has more than {MaxStatements} statements");
            found.Add(evidence);
        }
        return found.Count > 0
            ? found
            : throw new InvalidEvidenceException(
                $"{name} has no signed statement: an envelope, a Sigstore bundle or .intoto.jsonl was expected"
            );
    }

    /// <summary>Each line is a document, unless the first line is only the beginning of one.</summary>
    private static IEnumerable<ReadOnlyMemory<byte>> Documents(ReadOnlyMemory<byte> file)
    {
        var firstEnd = file.Span.IndexOf((byte)'\n');
        if (firstEnd < 0 || !IsJson(file[..firstEnd]))
        {
            yield return file;
            yield break;
        }
        for (var start = 0; start < file.Length; )
        {
            var end = file.Span[start..].IndexOf((byte)'\n') is >= 0 and var length ? start + length : file.Length;
            if (!file.Span[start..end].Trim(" \r\t"u8).IsEmpty)
                yield return file[start..end];
            start = end + 1;
        }
    }

    private static bool IsJson(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var document = StrictJson.Parse(bytes, MaxDepth);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Null for a document of another kind.</summary>
    private static Evidence? ReadOne(ReadOnlyMemory<byte> bytes, string name)
    {
        try
        {
            using var document = StrictJson.Parse(bytes, MaxDepth);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                throw new InvalidEvidenceException($"{name} is no signed statement: it holds {root.ValueKind}, not an object");
            if (root.TryGetProperty("dsseEnvelope", out var envelope))
                return HasEntry(root) && SigstoreBundle.Parse(bytes) is var bundle
                    ? new Evidence(bundle.Envelope, bundle)
                    : new Evidence(DsseEnvelope.Read(envelope), null);
            return root.TryGetProperty("payloadType", out _) ? new Evidence(DsseEnvelope.Read(root), null) : null;
        }
        catch (JsonException exception)
        {
            throw new InvalidEvidenceException($"{name} is cut off or not JSON: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is InvalidEnvelopeException or InvalidLogDataException)
        {
            throw new InvalidEvidenceException($"{name}: {exception.Message}", exception);
        }
    }

    private static bool HasEntry(JsonElement bundle) =>
        bundle.TryGetProperty("verificationMaterial", out var material)
        && material.ValueKind == JsonValueKind.Object
        && material.TryGetProperty("tlogEntries", out var entries)
        && entries.ValueKind == JsonValueKind.Array
        && entries.GetArrayLength() > 0;
}
