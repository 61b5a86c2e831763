using System.IO.Compression;
using Builder.Proof.Keys;
using Builder.Proof.Links;
using Builder.Protocol.Values;
using Builder.Publishing.Attestation;
using Builder.Web.Builds;

namespace Builder.Web.Proof;

/// <summary>What <c>in-toto-verify</c> needs, as one archive: layout, links, and the key that signed the layout. The same bytes each time.</summary>
internal static class QuorumArchive
{
    /// <summary>rw-r--r--</summary>
    private const int Mode = 0x1A4;

    public static Ed25519VerificationKey? FilesKey(KeyList keys) =>
        keys.Keys.LastOrDefault(key => key is { Use: KeyUse.Files, IsInUse: true })?.Key as Ed25519VerificationKey;

    /// <summary>Null where the signer gave no layout.</summary>
    public static byte[]? Of(KeyList keys, IReadOnlyList<SignedDocument> documents)
    {
        if (
            documents.FirstOrDefault(document => document.Kind == FileSignatureKind.Layout) is not { } layout
            || documents.FirstOrDefault(document => document.Kind == FileSignatureKind.Link) is not { } link
            || keys.Keys.FirstOrDefault(key => key.Id.Value == layout.KeyId)?.Key is not Ed25519VerificationKey owner
        )
            return null;
        using var content = new MemoryStream();
        using (var gzip = new GZipStream(content, CompressionLevel.Optimal, leaveOpen: true))
        {
            Add(gzip, InTotoLayout.FileName, layout.Envelope, layout.Created);
            Add(gzip, InTotoLink.FileName(InTotoLink.Step, owner), link.Envelope, layout.Created);
            Add(gzip, "owner.pub", InTotoKey.PublicKeyFile(owner), layout.Created);
            gzip.Write(TarHeader.End);
        }
        return content.ToArray();
    }

    private static void Add(GZipStream archive, string name, byte[] content, long modified)
    {
        archive.Write(TarHeader.Of(ByteString.FromUtf8(name), content.Length, Math.Max(0, modified), Mode));
        archive.Write(content);
        archive.Write(TarHeader.Padding(content.Length));
    }
}
