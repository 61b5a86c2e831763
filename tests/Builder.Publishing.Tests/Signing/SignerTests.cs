using Builder.Publishing.Debian;
using Builder.Publishing.Files;
using Builder.Publishing.Options;
using Builder.Publishing.Repositories;
using Builder.Publishing.Signing;
using Builder.Publishing.Tests.Debian;
using Builder.Testing;

namespace Builder.Publishing.Tests.Signing;

public sealed class SignerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_repository_is_signed_over_a_socket_by_a_key_that_the_publisher_does_not_have()
    {
        using var test = await DebianTestRepository.CreateAsync();
        var socket = test["sign.sock"];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var server = new SignerServer(
            new Dictionary<SignatureKind, ISigner> { [SignatureKind.ClearSigned] = test.Key, [SignatureKind.Detached] = test.Key },
            TimeProvider.System
        );
        var serving = server.RunAsync(socket, ready.SetResult, stop.Token);
        await ready.Task;
        Assert.Equal("0660", Convert.ToString((int)File.GetUnixFileMode(socket), 8).PadLeft(4, '0'));

        var deb = await DebMaker.MakeAsync(test["debs"]);
        await new DebianRepository(test.Settings, new SocketSigner(socket), TimeProvider.System).PublishAsync(
            "debian-12",
            [DebMaker.Build(deb, "20260101000000")],
            Cancellation
        );
        await test.Apt().UpdateAsync();
        var refused = await Assert.ThrowsAsync<RepositoryException>(() =>
            new SocketSigner(socket).SignAsync(SignatureKind.Rsa, "x"u8.ToArray(), Cancellation)
        );
        Assert.Contains("no key for signatures of kind Rsa", refused.Message, StringComparison.Ordinal);

        await stop.CancelAsync();
        await serving;
        var gone = await Assert.ThrowsAsync<RepositoryException>(() =>
            new SocketSigner(socket).SignAsync(SignatureKind.Detached, "x"u8.ToArray(), Cancellation)
        );
        Assert.Contains("start builder repo signer", gone.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_of_the_operators_own_is_taken_over()
    {
        using var directory = new TemporaryDirectory();
        Requirement.Programs("gpg");
        var own = await GpgKeyring.CreateAsync(directory["own"], "Own key <own@example.org>", "ed25519", "2y", Cancellation);
        await File.WriteAllTextAsync(
            directory["own.asc"],
            await Tools.SucceedAsync(
                "gpg",
                [
                    "--homedir",
                    directory["own"],
                    "--batch",
                    "--pinentry-mode",
                    "loopback",
                    "--passphrase",
                    "",
                    "--armor",
                    "--export-secret-keys",
                ]
            ),
            Cancellation
        );

        var settings = await RepositorySetup.InitializeAsync(
            RepositorySettings.Default(directory["config"], directory["data"], RepositoryKind.Debian),
            directory["own.asc"],
            "",
            "",
            Cancellation
        );

        Assert.Equal(own.Fingerprint, settings.Key);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(settings.GnupgHome));
        var loaded = RepositorySettings.Load(directory["config"], directory["data"], RepositoryKind.Debian);
        Assert.Equal(settings.ToText(), loaded?.ToText());
        await Assert.ThrowsAsync<RepositoryException>(() => RepositorySetup.InitializeAsync(settings, null, "ed25519", "0", Cancellation));
    }

    [Fact]
    public async Task An_rsa_key_is_for_its_owner_alone_and_its_fingerprint_is_laid_out_for_clients()
    {
        using var directory = new TemporaryDirectory();

        var settings = await RepositorySetup.InitializeAsync(
            RepositorySettings.Default(directory["config"], directory["data"], RepositoryKind.FreeBsd),
            null,
            "",
            "",
            Cancellation
        );

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(settings.RsaKeyFile));
        var publicKey = Path.Combine(settings.Directory, "key.pub");
        Assert.Contains(
            "Public-Key: (4096 bit)",
            await Tools.SucceedAsync("openssl", ["pkey", "-pubin", "-in", publicKey, "-noout", "-text"]),
            StringComparison.Ordinal
        );
        Assert.Equal(
            $"function: \"sha256\"\nfingerprint: \"{DebMaker.Sha256(publicKey)}\"\n",
            await File.ReadAllTextAsync(Path.Combine(settings.Directory, "fingerprint"), Cancellation)
        );
    }

    [Fact]
    public async Task Wrong_settings_are_all_named_with_their_lines()
    {
        using var directory = new TemporaryDirectory();
        var folder = RepositorySettings.FolderOf(directory["config"], RepositoryKind.Debian);
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(
            Path.Combine(folder, "repository.conf"),
            "# fine\nname = x\npublish-when = sometimes\ncolour = blue\nkey = ABC\nnonsense\n",
            Cancellation
        );

        var exception = Assert.Throws<RepositoryException>(() =>
            RepositorySettings.Load(directory["config"], directory["data"], RepositoryKind.Debian)
        );

        Assert.Equal(4, exception.Message.Split('\n').Length);
        Assert.Contains("repository.conf:3: \"publish-when\" cannot be \"sometimes\"", exception.Message, StringComparison.Ordinal);
        Assert.Contains("repository.conf:4: there is no setting \"colour\"", exception.Message, StringComparison.Ordinal);
    }
}
