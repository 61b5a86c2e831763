using System.Globalization;
using System.Text;

namespace Builder.Proof.Statements;

/// <summary>The bytes that a DSSE signature covers (DSSE 1.0.2, protocol.md).</summary>
public static class PreAuthenticationEncoding
{
    /// <summary><c>DSSEv1 LEN(type) type LEN(payload) payload</c>, lengths in bytes as decimal text.</summary>
    public static byte[] Of(string payloadType, ReadOnlySpan<byte> payload)
    {
        var type = Encoding.UTF8.GetBytes(payloadType);
        var head = string.Create(CultureInfo.InvariantCulture, $"DSSEv1 {type.Length} {payloadType} {payload.Length} ");
        return [.. Encoding.UTF8.GetBytes(head), .. payload];
    }
}
