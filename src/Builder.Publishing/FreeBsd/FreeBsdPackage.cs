using System.Security.Cryptography;
using Builder.Publishing.Archives;
using Microsoft.Win32.SafeHandles;
using ZstdSharp;

namespace Builder.Publishing.FreeBsd;

/// <summary>
/// A .pkg: a packed tar whose first files are <c>+COMPACT_MANIFEST</c> and <c>+MANIFEST</c>. Reading it checks all of it;
/// written with another version, only the manifests change.
/// </summary>
internal sealed class FreeBsdPackage : IDisposable
{
    private const string Compact = "+COMPACT_MANIFEST";
    private const string Full = "+MANIFEST";

    /// <summary>Of zstd; the same library gives the same bytes.</summary>
    private const int Level = 3;

    private readonly SafeFileHandle file;
    private readonly Dictionary<string, PackageManifest> manifests;

    private FreeBsdPackage(SafeFileHandle file, Dictionary<string, PackageManifest> manifests) =>
        (this.file, this.manifests) = (file, manifests);

    /// <summary>The one for catalogs where there are both.</summary>
    public PackageManifest Manifest => manifests.GetValueOrDefault(Compact) ?? manifests[Full];

    /// <exception cref="PackageException">Not a package that can be published; the message says why.</exception>
    public static async Task<FreeBsdPackage> OpenAsync(string path, CancellationToken cancellationToken)
    {
        var file = File.OpenHandle(path, options: FileOptions.Asynchronous | FileOptions.SequentialScan);
        try
        {
            var manifests = new Dictionary<string, PackageManifest>();
            await PassAsync(
                file,
                Stream.Null,
                (name, content) =>
                {
                    if (!manifests.TryAdd(name, PackageManifest.Parse(content, name)))
                        throw new PackageException($"the package has two files {name}");
                    return content;
                },
                cancellationToken
            );
            if (!manifests.ContainsKey(Full))
                throw new PackageException("not a FreeBSD package: it has no +MANIFEST");
            if (manifests.Values.DistinctBy(manifest => (manifest.Name, manifest.Version, manifest.Abi)).Count() > 1)
                throw new PackageException("+MANIFEST and +COMPACT_MANIFEST speak of different packages");
            return new FreeBsdPackage(file, manifests);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <returns>Size and SHA-256 of what was written.</returns>
    public async Task<(long Size, string Sha256)> WriteAsync(Stream destination, string version, CancellationToken cancellationToken)
    {
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var written = new HashingStream(destination, sum);
        await using (var packing = new CompressionStream(written, Level, leaveOpen: true))
            await PassAsync(file, packing, (name, _) => manifests[name].WithVersion(version), cancellationToken);
        return (written.Count, Convert.ToHexStringLower(sum.GetHashAndReset()));
    }

    public void Dispose() => file.Dispose();

    private static async Task PassAsync(
        SafeFileHandle file,
        Stream output,
        Func<string, byte[], byte[]> replace,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var length = RandomAccess.GetLength(file);
            var start = new byte[8];
            var read = await RandomAccess.ReadAsync(file, start, 0, cancellationToken);
            await using var tar = Decompression.ForMagic(
                start.AsSpan(0, read),
                new FileSection(file, 0, length),
                ArchiveLimits.Unpacked(length, ArchiveLimits.MaxUnpacked),
                "the package"
            );
            await new TarRewriter(tar, output, TarDialect.Libarchive, "the package")
            {
                LargestReplaced = ArchiveLimits.Manifest(length),
                IsReplaced = name => name is Compact or Full,
                Replace = replace,
            }.CopyAsync(cancellationToken);
        }
        catch (Exception exception) when (Decompression.IsBrokenInput(exception))
        {
            throw Decompression.Broken("the package", exception);
        }
    }
}
