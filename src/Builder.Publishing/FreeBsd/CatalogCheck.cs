using System.Formats.Tar;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Builder.Publishing.Archives;
using Builder.Publishing.Files;

namespace Builder.Publishing.FreeBsd;

/// <summary>Reads an ABI's catalogs back as they were written, before clients get them: contents, signatures, and the packages that they name.</summary>
internal sealed class CatalogCheck(string pool, string built, byte[] publicKey)
{
    private const string CatalogName = "packagesite.yaml";

    /// <param name="fresh">Names of files that this publication put into the pool: their hashes are compared too.</param>
    /// <exception cref="RepositoryException">What was written is not what was meant.</exception>
    public async Task RunAsync(Catalog catalog, IReadOnlySet<string> fresh, CancellationToken cancellationToken)
    {
        var site = catalog.PackageSite();
        await CheckArchiveAsync("packagesite.pkg", CatalogName, site, cancellationToken);
        await CheckArchiveAsync("packagesite.txz", CatalogName, site, cancellationToken);
        await CheckArchiveAsync("data.pkg", "data", catalog.Data(), cancellationToken);
        await CheckArchiveAsync("data.txz", "data", catalog.Data(), cancellationToken);
        foreach (var line in Encoding.UTF8.GetString(site).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            await CheckLineAsync(line, fresh, cancellationToken);
    }

    private async Task CheckArchiveAsync(string archive, string name, byte[] content, CancellationToken cancellationToken)
    {
        var members = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        using var file = File.OpenHandle(Path.Combine(built, archive), options: FileOptions.Asynchronous);
        var start = new byte[8];
        var read = await RandomAccess.ReadAsync(file, start, 0, cancellationToken);
        try
        {
            await using var unpacked = Decompression.ForMagic(
                start.AsSpan(0, read),
                new FileSection(file, 0, RandomAccess.GetLength(file)),
                content.Length + (1L << 20),
                archive
            );
            await using var tar = new TarReader(unpacked, leaveOpen: true);
            while (await tar.GetNextEntryAsync(copyData: true, cancellationToken) is { } entry)
            {
                using var copy = new MemoryStream();
                if (entry.DataStream is { } data)
                    await data.CopyToAsync(copy, cancellationToken);
                members[entry.Name] = copy.ToArray();
            }
        }
        catch (Exception exception) when (Decompression.IsBrokenInput(exception))
        {
            throw Mismatch($"{archive} cannot be read: {exception.Message}");
        }
        if (!members.TryGetValue(name, out var found) || !found.AsSpan().SequenceEqual(content))
            throw Mismatch($"{archive} does not hold the catalog");
        if (!members.TryGetValue($"{name}.pub", out var key) || !key.AsSpan().SequenceEqual(publicKey))
            throw Mismatch($"{archive} does not hold the key that clients have");
        using var rsa = RSA.Create();
        rsa.ImportFromPem(Encoding.ASCII.GetString(publicKey));
        var digest = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(content)));
        foreach (var signature in (string[])["signature", $"{name}.sig"])
        {
            if (
                !members.TryGetValue(signature, out var bytes)
                || !rsa.VerifyData(digest, bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            )
                throw Mismatch($"\"{signature}\" in {archive} is no signature by the key that clients have");
        }
    }

    private async Task CheckLineAsync(string line, IReadOnlySet<string> fresh, CancellationToken cancellationToken)
    {
        using var document = JsonDocument.Parse(line);
        var package = document.RootElement;
        var path = package.GetProperty("path").GetString()!;
        var name = Path.GetFileName(path);
        if (path != $"All/{name}" || name.Length == 0)
            throw Mismatch($"a package names a file outside of All/: \"{path}\"");
        var file = new FileInfo(Path.Combine(pool, name));
        if (!file.Exists || file.Length != package.GetProperty("pkgsize").GetInt64())
            throw Mismatch(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{path} is missing or has not the size of the catalog; builder repo remove takes it out"
                )
            );
        if (!fresh.Contains(name))
            return;
        await using var content = file.OpenRead();
        if (Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken)) != package.GetProperty("sum").GetString())
            throw Mismatch($"{path} has not the hash of the catalog");
    }

    private static RepositoryException Mismatch(string what) =>
        new($"read back before it went live, the new state is not what it must be, and clients keep the old one: {what}");
}
