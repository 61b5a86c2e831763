using System.Diagnostics.CodeAnalysis;
using Builder.Proof.Statements;

namespace Builder.Proof.Records;

/// <summary>
/// How a build server sends its record with an upload: the envelope in base64, as the HTTP header <c>Builder-Record</c>. Sites of the original
/// ignore it; they read at most 4 KiB of headers.
/// </summary>
public static class RecordHeader
{
    public const string Name = "Builder-Record";

    /// <summary>Longest value, in characters.</summary>
    public const int MaxLength = 3000;

    /// <summary>Null where it is too long for a header.</summary>
    public static string? Write(ReadOnlySpan<byte> envelope) =>
        (envelope.Length + 2) / 3 * 4 <= MaxLength ? Convert.ToBase64String(envelope) : null;

    public static bool TryRead(string value, [NotNullWhen(true)] out byte[]? envelope, [NotNullWhen(true)] out BuildRecord? record)
    {
        (envelope, record) = (null, null);
        if (value.Length > MaxLength)
            return false;
        var bytes = new byte[value.Length / 4 * 3];
        if (!Convert.TryFromBase64String(value, bytes, out var length))
            return false;
        try
        {
            record = BuildRecord.Read(DsseEnvelope.Parse(bytes.AsMemory(0, length)));
            envelope = bytes[..length];
            return true;
        }
        catch (Exception exception) when (exception is InvalidEnvelopeException or InvalidStatementException)
        {
            return false;
        }
    }
}
