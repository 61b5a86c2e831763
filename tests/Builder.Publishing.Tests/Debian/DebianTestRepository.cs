using Builder.Publishing.Debian;
using Builder.Publishing.Options;
using Builder.Publishing.Packages;
using Builder.Publishing.Signing;
using Builder.Testing;

namespace Builder.Publishing.Tests.Debian;

/// <summary>A Debian repository of a test's own with a key of its own.</summary>
internal sealed class DebianTestRepository : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    private DebianTestRepository(Func<string, RepositorySettings> settings, GpgKeyring key)
    {
        Settings = settings(directory.Path);
        Key = key;
    }

    public string this[string relative] => directory[relative];

    public RepositorySettings Settings { get; }

    public GpgKeyring Key { get; private set; }

    public string Keyring => directory["key.gpg"];

    public DebianRepository Repository => new(Settings, Key, TimeProvider.System);

    public static async Task<DebianTestRepository> CreateAsync(Func<RepositorySettings, RepositorySettings>? change = null)
    {
        var test = new DebianTestRepository(
            path => (change ?? (settings => settings))(RepositorySettings.Default($"{path}/config", $"{path}/data", RepositoryKind.Debian)),
            null!
        );
        Requirement.Programs("gpg");
        test.Key = await GpgKeyring.CreateAsync(test["config/gnupg"], "Test repository <test@example.org>", "ed25519", "0", default);
        await File.WriteAllBytesAsync(test.Keyring, await test.Key.ExportPublicAsync(armored: false, default));
        return test;
    }

    public AptRoot Apt(string distribution = "debian-12", string? keyring = null) =>
        new(directory[$"apt-{Guid.NewGuid():N}"], $"file:{Settings.Directory}", distribution, keyring ?? Keyring);

    public async Task<PublishOutcome> PublishAsync(string deb, string started, string platform = "debian-12", string job = "hello-deb") =>
        Assert.Single(await Repository.PublishAsync(platform, [DebMaker.Build(deb, started, platform, job)], default));

    public void Dispose() => directory.Dispose();
}
