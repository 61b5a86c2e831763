using Builder.Publishing.Debian;
using Builder.Publishing.Files;
using Builder.Publishing.FreeBsd;
using Builder.Publishing.Options;
using Builder.Publishing.Packages;
using Builder.Publishing.Signing;
using Builder.Publishing.Snapshots;

namespace Builder.Publishing.Repositories;

/// <summary>The repositories that the operator has set up, opened.</summary>
public sealed class RepositorySet
{
    private RepositorySet(PublishingOptions options) => Options = options;

    public PublishingOptions Options { get; }

    public RepositorySettings? DebianSettings { get; private init; }

    public DebianRepository? Debian { get; private init; }

    public RepositorySettings? FreeBsdSettings { get; private init; }

    public FreeBsdRepository? FreeBsd { get; private init; }

    /// <exception cref="RepositoryException">Settings are wrong; the message names them.</exception>
    public static RepositorySet Open(PublishingOptions options, TimeProvider clock)
    {
        var debian = Load(options, RepositoryKind.Debian);
        var freeBsd = Load(options, RepositoryKind.FreeBsd);
        return new RepositorySet(options)
        {
            DebianSettings = debian,
            Debian = debian is null ? null : new DebianRepository(debian, SignerOf(debian), clock),
            FreeBsdSettings = freeBsd,
            FreeBsd = freeBsd is null ? null : new FreeBsdRepository(freeBsd, SignerOf(freeBsd), PublicKeyOf(freeBsd), clock),
        };
    }

    /// <summary>What an operator should know of the settings.</summary>
    public IEnumerable<string> Warnings =>
        new[] { DebianSettings, FreeBsdSettings }
            .OfType<RepositorySettings>()
            .SelectMany(settings =>
                settings.Warnings.Select(warning => $"{Path.Combine(settings.Folder, RepositorySettings.FileName)}: {warning}")
            );

    /// <summary>
    /// What clients can install now, also from a repository whose settings are elsewhere and whose files are at the usual place.
    /// </summary>
    /// <exception cref="RepositoryException">Settings are wrong; the message names them.</exception>
    public static async Task<IReadOnlyList<PublishedPackage>> ListPublishedAsync(
        PublishingOptions options,
        CancellationToken cancellationToken
    )
    {
        var packages = new List<PublishedPackage>();
        var debian = Published(RepositoryKind.Debian);
        foreach (var distribution in new SnapshotTree(debian.Directory, "dists").Branches())
            packages.AddRange(
                await new DebianRepository(debian, SignerOf(debian), TimeProvider.System).ListAsync(distribution, cancellationToken)
            );
        var freeBsd = Published(RepositoryKind.FreeBsd);
        foreach (var abi in new SnapshotTree(freeBsd.Directory, "").Branches())
            packages.AddRange(
                await new FreeBsdRepository(freeBsd, SignerOf(freeBsd), "", TimeProvider.System).ListAsync(abi, cancellationToken)
            );
        return packages;

        RepositorySettings Published(RepositoryKind kind) =>
            Load(options, kind) ?? RepositorySettings.Default(options.ConfigDirectory, options.DataDirectory, kind);
    }

    /// <summary>The settings of the repository that a build's main binary belongs in, if there is one.</summary>
    public RepositorySettings? For(MainBinary binary) =>
        binary.IsDebianPackage ? DebianSettings
        : binary.IsFreeBsdPackage ? FreeBsdSettings
        : null;

    private static RepositorySettings? Load(PublishingOptions options, RepositoryKind kind)
    {
        var settings = RepositorySettings.Load(options.ConfigDirectory, options.DataDirectory, kind);
        return settings is null ? null : settings with { Gate = options.Gate ?? settings.Gate };
    }

    private static ISigner SignerOf(RepositorySettings settings) =>
        (settings.Signer, settings.Kind) switch
        {
            ({ } socket, _) => new SocketSigner(socket),
            (null, RepositoryKind.Debian) => new GpgKeyring(settings.GnupgHome, settings.Key),
            _ => new RsaKey(settings.RsaKeyFile),
        };

    private static string PublicKeyOf(RepositorySettings settings)
    {
        var path = Path.Combine(settings.Directory, RepositorySettings.RsaPublicKeyFile);
        return File.Exists(path)
            ? File.ReadAllText(path)
            : throw new RepositoryException(
                $"{path} is missing: the public key that belongs to the repository; copy it back from a client or a backup"
            );
    }
}
