using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using Builder.Publishing.Files;
using Builder.Publishing.Signing;
using ZstdSharp;

namespace Builder.Publishing.FreeBsd;

/// <summary>
/// A catalog as pkg fetches it: a packed tar of the catalog, its signature for clients that were given the public key
/// (<c>signature</c>), and the same with the key beside it for those that know its fingerprint (<c>NAME.sig</c>, <c>NAME.pub</c>).
/// What is signed is the catalog's SHA-256 in hexadecimal.
/// </summary>
internal sealed class CatalogArchive(ISigner signer, byte[] publicKey)
{
    private const int ZstdLevel = 6;

    public async Task WriteAsync(string folder, string archive, string name, byte[] content, CancellationToken cancellationToken)
    {
        var digest = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(content)));
        var signature = await signer.SignAsync(SignatureKind.Rsa, digest, cancellationToken);
        using var tar = new MemoryStream();
        await using (var writer = new TarWriter(tar, TarEntryFormat.Ustar, leaveOpen: true))
        {
            await AddAsync(writer, $"{name}.sig", signature, cancellationToken);
            await AddAsync(writer, $"{name}.pub", publicKey, cancellationToken);
            await AddAsync(writer, "signature", signature, cancellationToken);
            await AddAsync(writer, name, content, cancellationToken);
        }
        using var packed = new MemoryStream();
        await using (var packing = new CompressionStream(packed, ZstdLevel, leaveOpen: true))
            await packing.WriteAsync(tar.GetBuffer().AsMemory(0, (int)tar.Length), cancellationToken);
        await Durable.WriteNewAsync(
            Path.Combine(folder, $"{archive}.pkg"),
            packed.GetBuffer().AsMemory(0, (int)packed.Length),
            cancellationToken
        );
        var xz = await Tool.RunAsync(
            "xz",
            ["--compress", "--stdout", "--quiet", "--threads=1", "-1"],
            tar.GetBuffer().AsMemory(0, (int)tar.Length),
            home: null,
            cancellationToken
        );
        await Durable.WriteNewAsync(Path.Combine(folder, $"{archive}.txz"), xz, cancellationToken);
    }

    private static async Task AddAsync(TarWriter writer, string name, byte[] content, CancellationToken cancellationToken)
    {
        using var data = new MemoryStream(content);
        await writer.WriteEntryAsync(
            new UstarTarEntry(TarEntryType.RegularFile, name)
            {
                DataStream = data,
                Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
                UserName = "root",
                GroupName = "wheel",
                ModificationTime = DateTimeOffset.UnixEpoch,
            },
            cancellationToken
        );
    }
}
