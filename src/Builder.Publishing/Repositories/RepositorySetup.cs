using System.Security.Cryptography;
using System.Text;
using Builder.Publishing.Signing;

namespace Builder.Publishing.Repositories;

/// <summary>What <c>builder repo init</c> does: a key made or taken over, the settings written, the public key laid out for clients.</summary>
public static class RepositorySetup
{
    /// <param name="import">A file with the secret key to take over; null: a new one is made.</param>
    /// <param name="algorithm">For a new OpenPGP key, as gpg names it: ed25519, rsa4096.</param>
    /// <param name="expires">For a new OpenPGP key: 0 for never, or 2y, 6m, …</param>
    /// <exception cref="RepositoryException">There is one already, or the key cannot be had.</exception>
    public static async Task<RepositorySettings> InitializeAsync(
        RepositorySettings settings, string? import, string algorithm, string expires, CancellationToken cancellation)
    {
        var file = Path.Combine(settings.Folder, RepositorySettings.FileName);
        if (File.Exists(file))
            throw new RepositoryException($"{file} is there already: this repository was set up before");
        Directory.CreateDirectory(settings.Folder);
        Directory.CreateDirectory(settings.Directory);
        settings = settings.Kind == RepositoryKind.Debian
            ? await OpenPgpAsync(settings, import, algorithm, expires, cancellation)
            : await RsaAsync(settings, import, cancellation);
        // Last, because it is what switches the repository on.
        await Files.Durable.ReplaceAsync(file, Encoding.UTF8.GetBytes(settings.ToText()), cancellation);
        return settings;
    }

    private static async Task<RepositorySettings> OpenPgpAsync(
        RepositorySettings settings, string? import, string algorithm, string expires, CancellationToken cancellation)
    {
        if (Directory.Exists(settings.GnupgHome) && Directory.EnumerateFileSystemEntries(settings.GnupgHome).Any())
            throw new RepositoryException($"{settings.GnupgHome} is not empty: move it away if its key is not wanted");
        var key = import is null
            ? await GpgKeyring.CreateAsync(settings.GnupgHome, $"{settings.Name} (package repository)", algorithm, expires, cancellation)
            : await GpgKeyring.ImportAsync(settings.GnupgHome, import, cancellation);
        await Files.Durable.ReplaceAsync(
            Path.Combine(settings.Directory, RepositorySettings.OpenPgpPublicKeyFile), await key.ExportPublicAsync(armored: true, cancellation), cancellation);
        return settings with { Key = key.Fingerprint };
    }

    private static async Task<RepositorySettings> RsaAsync(RepositorySettings settings, string? import, CancellationToken cancellation)
    {
        var key = import is null ? RsaKey.Create(settings.RsaKeyFile) : RsaKey.Import(settings.RsaKeyFile, import);
        var publicKey = Encoding.ASCII.GetBytes(key.ExportPublic());
        await Files.Durable.ReplaceAsync(Path.Combine(settings.Directory, RepositorySettings.RsaPublicKeyFile), publicKey, cancellation);
        var fingerprint = $"function: \"sha256\"\nfingerprint: \"{Convert.ToHexStringLower(SHA256.HashData(publicKey))}\"\n";
        await Files.Durable.ReplaceAsync(
            Path.Combine(settings.Directory, RepositorySettings.RsaFingerprintFile), Encoding.ASCII.GetBytes(fingerprint), cancellation);
        return settings;
    }
}
