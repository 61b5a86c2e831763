using Builder.Publishing.Debian;
using Builder.Publishing.Files;
using Builder.Publishing.Options;
using Builder.Publishing.Repositories;
using Builder.Publishing.Signing;
using Builder.Publishing.Tests.Debian;
using Builder.Testing;

namespace Builder.Publishing.Tests.Signing;

/// <summary>gpg-agent's sockets do not fit into long paths; the keys may be there all the same.</summary>
public sealed class LongPathTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(40)]
    [InlineData(70)]
    [InlineData(200)]
    public async Task A_repository_is_set_up_and_signed_however_long_the_path_of_its_keys_is(int length)
    {
        Requirement.Programs("gpg");
        using var directory = new TemporaryDirectory();
        var config = directory[new string('x', length)];

        var settings = await RepositorySetup.InitializeAsync(
            RepositorySettings.Default(config, directory["data"], RepositoryKind.Debian),
            null,
            "ed25519",
            "0",
            Cancellation
        );
        var repository = new DebianRepository(settings, new GpgKeyring(settings.GnupgHome, settings.Key), TimeProvider.System);
        var deb = await DebMaker.MakeAsync(directory["debs"]);
        await repository.PublishAsync("debian-12", [DebMaker.Build(deb, "20260101000000")], Cancellation);

        await Tools.SucceedAsync(
            "gpg",
            [
                "--homedir",
                directory.Path,
                "--batch",
                "--dearmor",
                "--output",
                directory["key.gpg"],
                Path.Combine(settings.Directory, "key.asc"),
            ]
        );
        await new AptRoot(directory["apt"], $"file:{settings.Directory}", "debian-12", directory["key.gpg"]).UpdateAsync();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(settings.GnupgHome));
        Assert.DoesNotContain(LinksTo(settings.GnupgHome), _ => true);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100)]
    public async Task A_setup_that_fails_leaves_nothing_half_made(int length)
    {
        Requirement.Programs("gpg");
        using var directory = new TemporaryDirectory();
        var settings = RepositorySettings.Default(directory[new string('x', length)], directory["data"], RepositoryKind.Debian);
        await File.WriteAllTextAsync(directory["no-key"], "nothing", Cancellation);

        await Assert.ThrowsAsync<RepositoryException>(() =>
            RepositorySetup.InitializeAsync(settings, directory["no-key"], "", "", Cancellation)
        );
        await Assert.ThrowsAsync<RepositoryException>(() =>
            RepositorySetup.InitializeAsync(settings, null, "no-such-algorithm", "0", Cancellation)
        );

        Assert.Empty(Directory.EnumerateFileSystemEntries(settings.Folder));
        Assert.Empty(Directory.EnumerateFileSystemEntries(settings.Directory));
        Assert.DoesNotContain(LinksTo(settings.GnupgHome), _ => true);
        Assert.Matches("^[0-9A-F]{40}$", (await RepositorySetup.InitializeAsync(settings, null, "ed25519", "0", Cancellation)).Key);
    }

    private static IEnumerable<string> LinksTo(string home) =>
        Directory
            .EnumerateDirectories("/tmp", "builder-????????????????????")
            .Where(directory => new FileInfo(Path.Combine(directory, "g")).LinkTarget == home);
}
