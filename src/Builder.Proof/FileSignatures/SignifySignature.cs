using System.Text;
using Builder.Analysis.Values;
using Builder.Proof.Keys;

namespace Builder.Proof.FileSignatures;

/// <summary>
/// <c>SHA256.sig</c>: the hashes of files with a signature above them, for <c>signify -C -p KEY -x SHA256.sig</c> (signify(1), OpenBSD).
/// </summary>
public static class SignifySignature
{
    private const int MaxNameLength = 1024;

    /// <summary>Names that signify cannot take as they are, with line ends or a closing bracket, are left out.</summary>
    /// <param name="comment">For people: the name of the public key's file.</param>
    public static byte[] Sign(IEnumerable<(string Name, Sha256Digest Digest)> files, Ed25519SigningKey key, string comment)
    {
        var body = new StringBuilder();
        foreach (var (name, digest) in files.Where(file => IsName(file.Name)))
            body.Append("SHA256 (").Append(name).Append(") = ").Append(digest).Append('\n');
        var message = Encoding.UTF8.GetBytes(body.ToString());
        var signature = Convert.ToBase64String([.. "Ed"u8, .. FileKey.Number(key.PublicKey), .. key.Sign(message)]);
        return [.. Encoding.UTF8.GetBytes($"untrusted comment: verify with {FileKey.OneLine(comment)}\n{signature}\n"), .. message];
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= MaxNameLength && !name.Any(character => char.IsControl(character) || character is '(' or ')');
}
