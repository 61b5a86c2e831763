using System.Security.Cryptography;
using System.Text;
using Builder.Publishing.Files;
using Builder.Publishing.Options;
using Builder.Publishing.Signing;

namespace Builder.Publishing.Repositories;

/// <summary>What <c>builder repo init</c> does: a key made or taken over, the settings written, the public key laid out for clients.</summary>
public static class RepositorySetup
{
    /// <param name="import">A file with the secret key to take over; null: a new one is made.</param>
    /// <param name="algorithm">For a new OpenPGP key, as gpg names it: ed25519, rsa4096.</param>
    /// <param name="expires">For a new OpenPGP key: 0 for never, or 2y, 6m, …</param>
    /// <exception cref="RepositoryException">There is one already, or the key cannot be had. Nothing half made is left.</exception>
    public static async Task<RepositorySettings> InitializeAsync(
        RepositorySettings settings,
        string? import,
        string algorithm,
        string expires,
        CancellationToken cancellationToken
    )
    {
        var file = Path.Combine(settings.Folder, RepositorySettings.FileName);
        if (File.Exists(file))
            throw new RepositoryException($"{file} is there already: this repository was set up before");
        var before = Existing(settings);
        try
        {
            Directory.CreateDirectory(settings.Folder);
            Directory.CreateDirectory(settings.Directory);
            settings =
                settings.Kind == RepositoryKind.Debian
                    ? await OpenPgpAsync(settings, import, algorithm, expires, cancellationToken)
                    : await RsaAsync(settings, import, cancellationToken);
            // Last, because it is what switches the repository on.
            await Files.Durable.ReplaceAsync(file, Encoding.UTF8.GetBytes(settings.ToText()), cancellationToken);
            return settings;
        }
        catch (Exception exception)
        {
            await RemoveHalfMadeAsync(settings, before);
            if (exception is IOException or UnauthorizedAccessException)
                throw new RepositoryException($"the repository cannot be set up: {exception.Message}", exception);
            throw;
        }
    }

    /// <summary>What this class makes: removed again where the rest could not be made, unless it was there before.</summary>
    private static string[] Made(RepositorySettings settings) =>
        [
            settings.GnupgHome,
            settings.RsaKeyFile,
            .. new[]
            {
                RepositorySettings.OpenPgpPublicKeyFile,
                RepositorySettings.RsaPublicKeyFile,
                RepositorySettings.RsaFingerprintFile,
            }.Select(name => Path.Combine(settings.Directory, name)),
        ];

    private static HashSet<string> Existing(RepositorySettings settings) =>
        [
            .. Made(settings)
                .Where(path => File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())),
        ];

    private static async Task RemoveHalfMadeAsync(RepositorySettings settings, HashSet<string> before)
    {
        foreach (var path in Made(settings).Where(path => !before.Contains(path)))
        {
            if (path == settings.GnupgHome && Directory.Exists(path))
            {
                try
                {
                    await GpgKeyring.EndAgentAsync(path, CancellationToken.None);
                }
                catch (RepositoryException)
                {
                    // gpg is not installed, or has no agent: the error that is on its way says so.
                }
                Directory.Delete(path, recursive: true);
            }
            else
            {
                File.Delete(path);
            }
        }
    }

    private static async Task<RepositorySettings> OpenPgpAsync(
        RepositorySettings settings,
        string? import,
        string algorithm,
        string expires,
        CancellationToken cancellationToken
    )
    {
        if (Directory.Exists(settings.GnupgHome) && Directory.EnumerateFileSystemEntries(settings.GnupgHome).Any())
            throw new RepositoryException($"{settings.GnupgHome} is not empty: move it away if its key is not wanted");
        var key = import is null
            ? await GpgKeyring.CreateAsync(
                settings.GnupgHome,
                $"{settings.Name} (package repository)",
                algorithm,
                expires,
                cancellationToken
            )
            : await GpgKeyring.ImportAsync(settings.GnupgHome, import, cancellationToken);
        await Files.Durable.ReplaceAsync(
            Path.Combine(settings.Directory, RepositorySettings.OpenPgpPublicKeyFile),
            await key.ExportPublicAsync(armored: true, cancellationToken),
            cancellationToken
        );
        return settings with { Key = key.Fingerprint };
    }

    private static async Task<RepositorySettings> RsaAsync(RepositorySettings settings, string? import, CancellationToken cancellationToken)
    {
        var key = import is null ? RsaKey.Create(settings.RsaKeyFile) : RsaKey.Import(settings.RsaKeyFile, import);
        var publicKey = Encoding.ASCII.GetBytes(key.ExportPublic());
        await Files.Durable.ReplaceAsync(
            Path.Combine(settings.Directory, RepositorySettings.RsaPublicKeyFile),
            publicKey,
            cancellationToken
        );
        var fingerprint = $"function: \"sha256\"\nfingerprint: \"{Convert.ToHexStringLower(SHA256.HashData(publicKey))}\"\n";
        await Files.Durable.ReplaceAsync(
            Path.Combine(settings.Directory, RepositorySettings.RsaFingerprintFile),
            Encoding.ASCII.GetBytes(fingerprint),
            cancellationToken
        );
        return settings;
    }
}
