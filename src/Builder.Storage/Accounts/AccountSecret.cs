using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Builder.Storage.Accounts;

/// <summary>A secret of 256 random bits: told once, and kept as its SHA-256. So many bits need no slow hash.</summary>
public static class AccountSecret
{
    private const int Size = 32;

    /// <summary>Characters of a secret without prefix: base64url without padding (RFC 4648 section 5).</summary>
    public const int Length = 43;

    public static string New(string prefix = "") => prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Size));

    internal static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
