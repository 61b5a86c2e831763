using System.Text;
using Builder.Proof.Keys;
using Org.BouncyCastle.Crypto.Digests;

namespace Builder.Proof.FileSignatures;

/// <summary>The signature of one file, for <c>minisign -V -p KEY -m FILE</c>: of the file's BLAKE2b-512, so that it may have any size.</summary>
public static class MinisignSignature
{
    private const int HashSize = 64;
    private const int ReadBuffer = 1 << 17;

    /// <param name="trustedComment">Is signed too, and shown: which build the file is of.</param>
    public static async Task<byte[]> SignAsync(
        Stream file,
        Ed25519SigningKey key,
        string trustedComment,
        CancellationToken cancellationToken
    )
    {
        var digest = new Blake2bDigest(HashSize * 8);
        var buffer = new byte[ReadBuffer];
        int count;
        while ((count = await file.ReadAsync(buffer, cancellationToken)) > 0)
            digest.BlockUpdate(buffer, 0, count);
        var hash = new byte[HashSize];
        digest.DoFinal(hash, 0);
        var comment = FileKey.OneLine(trustedComment);
        var signature = key.Sign(hash);
        var ofComment = key.Sign([.. signature, .. Encoding.UTF8.GetBytes(comment)]);
        return Encoding.UTF8.GetBytes(
            "untrusted comment: signature of a build server\n"
                + $"{Convert.ToBase64String([.. "ED"u8, .. FileKey.Number(key.PublicKey), .. signature])}\n"
                + $"trusted comment: {comment}\n"
                + $"{Convert.ToBase64String(ofComment)}\n"
        );
    }
}
