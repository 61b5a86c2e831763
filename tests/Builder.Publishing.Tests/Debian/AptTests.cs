using Builder.Publishing.Debian;
using Builder.Publishing.Signing;
using Microsoft.Extensions.Time.Testing;

namespace Builder.Publishing.Tests.Debian;

/// <summary>The repository as the real apt-get sees it, with signature checking on.</summary>
public sealed class AptTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_package_is_installed_upgraded_and_after_a_rollback_downgraded()
    {
        using var test = await DebianTestRepository.CreateAsync();
        var first = await DebMaker.MakeAsync(test["debs"], content: "first");
        var second = await DebMaker.MakeAsync(test["debs"], version: "1.0.0-3-gabcdef0", content: "second");
        var apt = test.Apt();

        var published = await test.PublishAsync(first, "20260101120000");
        Assert.Equal($"1.0.0-0-g0000000-20260101120000-{DebMaker.Sha256(first)}", published.Package?.Version);
        await apt.UpdateAsync();
        await apt.InstallAsync("hello");
        Assert.Equal(published.Package!.Version, await apt.InstalledVersionAsync("hello"));
        Assert.Equal("first", apt.Read("usr/share/hello/greeting"));

        var newer = await test.PublishAsync(second, "20260102120000");
        await apt.UpdateAsync();
        var (_, upgraded) = await apt.GetAsync("upgrade");
        Assert.Contains("1 upgraded", upgraded, StringComparison.Ordinal);
        Assert.Equal(newer.Package!.Version, await apt.InstalledVersionAsync("hello"));
        Assert.Equal("second", apt.Read("usr/share/hello/greeting"));

        await test.Repository.RollbackAsync("debian-12", null, Cancellation);
        await apt.UpdateAsync();
        await apt.InstallAsync("--allow-downgrades", $"hello={published.Package.Version}");
        Assert.Equal("first", apt.Read("usr/share/hello/greeting"));
        var (_, policy) = await apt.GetAsync("install", "--simulate", $"hello={newer.Package.Version}");
        Assert.Contains("was not found", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_index_is_refused()
    {
        using var test = await DebianTestRepository.CreateAsync();
        await test.PublishAsync(await DebMaker.MakeAsync(test["debs"]), "20260101120000");
        foreach (
            var index in Directory
                .EnumerateFiles(test.Settings.Directory, "*", SearchOption.AllDirectories)
                .Where(file =>
                    file.Contains("/by-hash/", StringComparison.Ordinal)
                    || Path.GetFileName(file).StartsWith("Packages", StringComparison.Ordinal)
                )
        )
            await File.WriteAllTextAsync(index, "Package: evil\nVersion: 1\nArchitecture: all\n\n", Cancellation);

        var (exitCode, output) = await test.Apt().GetAsync("update", "-o", "APT::Update::Error-Mode=any");

        Assert.NotEqual(0, exitCode);
        Assert.Matches("unexpected size|Hash Sum mismatch|Hashes of received file", output);
    }

    [Fact]
    public async Task A_changed_release_file_is_refused()
    {
        using var test = await DebianTestRepository.CreateAsync();
        await test.PublishAsync(await DebMaker.MakeAsync(test["debs"]), "20260101120000");
        var path = Path.Combine(test.Settings.Directory, "dists/debian-12/InRelease");
        await File.WriteAllTextAsync(
            path,
            (await File.ReadAllTextAsync(path, Cancellation)).Replace("Origin: Builder", "Origin: Bui1der", StringComparison.Ordinal),
            Cancellation
        );

        var (exitCode, output) = await test.Apt().GetAsync("update", "-o", "APT::Update::Error-Mode=any");

        Assert.NotEqual(0, exitCode);
        Assert.Contains("BADSIG", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_foreign_key_is_refused()
    {
        using var test = await DebianTestRepository.CreateAsync();
        await test.PublishAsync(await DebMaker.MakeAsync(test["debs"]), "20260101120000");
        var foreign = await GpgKeyring.CreateAsync(test["foreign"], "Somebody else", "ed25519", "0", Cancellation);
        await File.WriteAllBytesAsync(test["foreign.gpg"], await foreign.ExportPublicAsync(armored: false, Cancellation), Cancellation);

        var (exitCode, output) = await test.Apt(keyring: test["foreign.gpg"]).GetAsync("update", "-o", "APT::Update::Error-Mode=any");

        Assert.NotEqual(0, exitCode);
        Assert.Contains("NO_PUBKEY", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expired_key_is_refused()
    {
        using var test = await DebianTestRepository.CreateAsync();
        var expired = new ExpiredKey(test["expired"]);
        await File.WriteAllBytesAsync(test["expired.gpg"], await expired.CreateAsync(), Cancellation);
        var repository = new DebianRepository(test.Settings, expired, TimeProvider.System);
        var deb = await DebMaker.MakeAsync(test["debs"]);
        await repository.PublishAsync("debian-12", [DebMaker.Build(deb, "20260101120000")], Cancellation);

        var (exitCode, output) = await test.Apt(keyring: test["expired.gpg"]).GetAsync("update", "-o", "APT::Update::Error-Mode=any");

        Assert.NotEqual(0, exitCode);
        Assert.Contains("EXPKEYSIG", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_promise_that_ran_out_is_refused_and_signing_anew_renews_it()
    {
        using var test = await DebianTestRepository.CreateAsync(settings => settings with { ValidDays = 7 });
        var tenDaysAgo = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(-10));
        var deb = await DebMaker.MakeAsync(test["debs"]);
        await new DebianRepository(test.Settings, test.Key, tenDaysAgo).PublishAsync(
            "debian-12",
            [DebMaker.Build(deb, "20260101120000")],
            Cancellation
        );
        var apt = test.Apt();

        var (exitCode, output) = await apt.GetAsync("update", "-o", "APT::Update::Error-Mode=any");
        Assert.NotEqual(0, exitCode);
        Assert.Contains("is expired", output, StringComparison.Ordinal);

        await test.Repository.RefreshAsync("debian-12", Cancellation);
        await apt.UpdateAsync();
        await apt.InstallAsync("hello");
    }

    [Fact]
    public async Task Several_architectures_and_distributions_stand_beside_each_other()
    {
        using var test = await DebianTestRepository.CreateAsync();
        await test.PublishAsync(
            await DebMaker.MakeAsync(test["debs"], "tool", architecture: "amd64", compression: "gzip"),
            "20260101120000",
            job: "tool"
        );
        await test.PublishAsync(
            await DebMaker.MakeAsync(test["debs"], "tool", architecture: "arm64", compression: "zstd"),
            "20260101120001",
            job: "tool"
        );
        await test.PublishAsync(await DebMaker.MakeAsync(test["debs"]), "20260101120002");
        await test.PublishAsync(await DebMaker.MakeAsync(test["debs"], "other"), "20260101120003", "debian-13", "other");

        var apt = test.Apt();
        await apt.UpdateAsync();
        await apt.InstallAsync("tool", "hello");
        var (otherExit, _) = await apt.GetAsync("install", "other");
        Assert.NotEqual(0, otherExit);
        var trixie = test.Apt("debian-13");
        await trixie.UpdateAsync();
        await trixie.InstallAsync("other");
        Assert.Equal(["debian-12", "debian-13"], test.Repository.Distributions);
        Assert.Equal(
            ["hello all", "tool amd64", "tool arm64"],
            (await test.Repository.ListAsync("debian-12", Cancellation)).Select(package => $"{package.Name} {package.Architecture}")
        );
    }
}
