using System.Security.Cryptography;
using Builder.Proof.Keys;

namespace Builder.Proof.FileSignatures;

/// <summary>The key of signify and minisign: Ed25519 with a number of eight bytes, by which both find the right one of several.</summary>
public static class FileKey
{
    internal const int NumberSize = 8;

    /// <summary>The public key as a file; signify and minisign both read it.</summary>
    public static string PublicKeyFile(Ed25519VerificationKey key, string comment) =>
        $"untrusted comment: {OneLine(comment)}\n{Convert.ToBase64String([.. "Ed"u8, .. Number(key), .. key.Bytes.Span])}\n";

    /// <summary>Follows from the key: there is no need to keep it.</summary>
    internal static byte[] Number(Ed25519VerificationKey key) => SHA256.HashData(key.Bytes.Span)[..NumberSize];

    /// <summary>A comment is one line, and both programs show it as it is.</summary>
    internal static string OneLine(string text) => string.Concat(text.Select(character => char.IsControl(character) ? '?' : character));
}
