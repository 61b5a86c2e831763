using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Builder.Publishing.Channels;

/// <summary>The signature of Standard Webhooks 1.0.0.</summary>
public static class WebhookSignature
{
    /// <summary>The value of <c>webhook-signature</c>: a signature for each secret, separated by spaces.</summary>
    public static string Of(IEnumerable<byte[]> secrets, string id, long unixSeconds, ReadOnlySpan<byte> body)
    {
        var head = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{unixSeconds}."));
        byte[] content = [.. head, .. body];
        return string.Join(' ', secrets.Select(secret => $"v1,{Convert.ToBase64String(HMACSHA256.HashData(secret, content))}"));
    }
}
