using System.Security.Cryptography;
using System.Text.Json;
using Builder.Publishing.Archives;
using Builder.Publishing.FreeBsd;
using Builder.Publishing.Options;
using Builder.Publishing.Packages;
using Builder.Publishing.Signing;
using Builder.Testing;

namespace Builder.Publishing.Tests.FreeBsd;

/// <summary>The real pkg is not to be had on Debian: the files are checked against its documented format, with tar, zstd, xz and openssl.</summary>
public sealed class FreeBsdRepositoryTests : IDisposable
{
    private const string Abi = "FreeBSD:14:amd64";

    private readonly TemporaryDirectory directory = new();
    private readonly RepositorySettings settings;
    private readonly RsaKey key;

    public FreeBsdRepositoryTests()
    {
        settings = RepositorySettings.Default(directory["config"], directory["data"], RepositoryKind.FreeBsd);
        key = RsaKey.Create(directory["signing.pem"]);
        File.WriteAllText(directory["key.pub"], key.ExportPublic());
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private FreeBsdRepository Repository => new(settings, key, key.ExportPublic(), TimeProvider.System);

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData("zstd")]
    [InlineData("xz")]
    [InlineData("gzip")]
    [InlineData("cat")]
    public async Task A_package_keeps_its_files_and_gets_the_version_of_its_build_in_both_manifests(string packer)
    {
        var made = await PkgMaker.MakeAsync(directory.Path, packer: packer);
        var outcome = await PublishAsync(made, "20260101120000");
        var version = $"1.2.3.0.g0000000.20260101120000.{DebMaker.Sha256(made)}";

        Assert.Equal(PublishState.Published, outcome.State);
        Assert.Equal(version, outcome.Package!.Version);
        var published = await UnpackAsync(PathOf($"All/hello-{version}.pkg"), "zstd");
        using var compact = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(published, "+COMPACT_MANIFEST"), Cancellation));
        using var full = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(published, "+MANIFEST"), Cancellation));
        Assert.Equal(version, compact.RootElement.GetProperty("version").GetString());
        Assert.Equal(version, full.RootElement.GetProperty("version").GetString());
        Assert.Equal("true", full.RootElement.GetProperty("scripts").GetProperty("post-install").GetString());
        Assert.Equal("0.3.1", full.RootElement.GetProperty("deps").GetProperty("indexinfo").GetProperty("version").GetString());
        Assert.Equal(PkgMaker.Content, await File.ReadAllTextAsync(Path.Combine(published, "usr/local/bin/hello"), Cancellation));
        var names = await Tools.SucceedAsync("sh", ["-c", $"zstd -dc '{PathOf($"All/hello-{version}.pkg")}' | tar -tPf -"]);
        Assert.Equal("+COMPACT_MANIFEST\n+MANIFEST\n/usr/local/bin/hello\n", names);
    }

    [Theory]
    [InlineData("packagesite.pkg", "zstd", "packagesite.yaml")]
    [InlineData("packagesite.txz", "xz", "packagesite.yaml")]
    [InlineData("data.pkg", "zstd", "data")]
    public async Task The_signature_of_a_catalog_holds_for_both_kinds_of_clients(string archive, string packer, string name)
    {
        await PublishAsync(await PkgMaker.MakeAsync(directory.Path), "20260101120000");

        var folder = await UnpackAsync(PathOf(archive), packer);
        var catalog = await File.ReadAllBytesAsync(Path.Combine(folder, name), Cancellation);
        var digest = Path.Combine(folder, "digest");
        await File.WriteAllTextAsync(digest, Convert.ToHexStringLower(SHA256.HashData(catalog)), Cancellation);

        foreach (
            var (publicKey, signature) in new[]
            {
                (Path.Combine(folder, $"{name}.pub"), $"{name}.sig"),
                (directory["key.pub"], "signature"),
            }
        )
        {
            var output = await Tools.SucceedAsync(
                "openssl",
                ["dgst", "-sha256", "-verify", publicKey, "-signature", Path.Combine(folder, signature), digest]
            );
            Assert.Contains("Verified OK", output, StringComparison.Ordinal);
        }
        catalog[^2] ^= 1;
        await File.WriteAllTextAsync(digest, Convert.ToHexStringLower(SHA256.HashData(catalog)), Cancellation);
        var (exitCode, _) = await Tools.RunAsync(
            "openssl",
            ["dgst", "-sha256", "-verify", directory["key.pub"], "-signature", Path.Combine(folder, "signature"), digest]
        );
        Assert.NotEqual(0, exitCode);
    }

    [Fact]
    public async Task The_catalogs_say_of_a_package_what_pkg_reads_there()
    {
        await PublishAsync(await PkgMaker.MakeAsync(directory.Path), "20260101120000");
        var other = PkgMaker.Manifest("another", "0.1.0");
        await PublishAsync(await PkgMaker.MakeAsync(directory.Path, other, other), "20260101120001");

        var site = await File.ReadAllLinesAsync(
            Path.Combine(await UnpackAsync(PathOf("packagesite.pkg"), "zstd"), "packagesite.yaml"),
            Cancellation
        );
        using var data = JsonDocument.Parse(
            await File.ReadAllTextAsync(Path.Combine(await UnpackAsync(PathOf("data.pkg"), "zstd"), "data"), Cancellation)
        );

        Assert.Equal(
            ["another", "hello"],
            data.RootElement.GetProperty("packages").EnumerateArray().Select(p => p.GetProperty("name").GetString())
        );
        Assert.Equal(0, data.RootElement.GetProperty("groups").GetArrayLength());
        Assert.Equal(site, data.RootElement.GetProperty("packages").EnumerateArray().Select(package => package.GetRawText()));
        using var hello = JsonDocument.Parse(site[1]);
        var root = hello.RootElement;
        Assert.Equal("misc/hello", root.GetProperty("origin").GetString());
        Assert.Equal("a greeting", root.GetProperty("comment").GetString());
        Assert.Equal("It says\nhello.", root.GetProperty("desc").GetString());
        Assert.Equal("tests@example.org", root.GetProperty("maintainer").GetString());
        Assert.Equal(Abi, root.GetProperty("abi").GetString());
        Assert.Equal("/usr/local", root.GetProperty("prefix").GetString());
        Assert.Equal(21, root.GetProperty("flatsize").GetInt64());
        var package = PathOf(root.GetProperty("repopath").GetString()!);
        Assert.Equal(root.GetProperty("repopath").GetString(), root.GetProperty("path").GetString());
        Assert.Equal(new FileInfo(package).Length, root.GetProperty("pkgsize").GetInt64());
        Assert.Equal(DebMaker.Sha256(package), root.GetProperty("sum").GetString());
        Assert.False(root.TryGetProperty("files", out _));
        Assert.False(root.TryGetProperty("scripts", out _));
        Assert.Contains("version = 2;", await File.ReadAllTextAsync(PathOf("meta.conf"), Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newer_build_replaces_the_older_one_and_a_rollback_brings_it_back()
    {
        var first = await PkgMaker.MakeAsync(directory.Path);
        var second = await PkgMaker.MakeAsync(directory.Path, PkgMaker.Manifest(version: "1.2.4"), PkgMaker.Manifest(version: "1.2.4"));
        await PublishAsync(first, "20260101120000");
        await PublishAsync(second, "20260102120000");
        Assert.Equal(PublishState.Superseded, (await PublishAsync(first, "20260101120000")).State);
        Assert.Equal(PublishState.AlreadyPublished, (await PublishAsync(second, "20260103120000")).State);
        Assert.StartsWith("1.2.4.", Assert.Single(await Repository.ListAsync(Abi, Cancellation)).Version, StringComparison.Ordinal);

        await Repository.RollbackAsync(Abi, null, Cancellation);

        Assert.StartsWith("1.2.3.", Assert.Single(await Repository.ListAsync(Abi, Cancellation)).Version, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], Repository.Snapshots(Abi).Select(snapshot => snapshot.Number));
    }

    [Theory]
    [InlineData("packed")]
    [InlineData("pooled")]
    [InlineData("names")]
    [InlineData("packagesite")]
    [InlineData("data")]
    [InlineData("built")]
    [InlineData("moved")]
    [InlineData("live")]
    public async Task Cut_off_at_any_point_the_repository_is_the_old_or_the_new_one(string cut)
    {
        await PublishAsync(await PkgMaker.MakeAsync(directory.Path), "20260101120000");
        var newer = PkgMaker.Manifest(version: "2.0.0");
        var second = await PkgMaker.MakeAsync(directory.Path, newer, newer);
        var cutOff = new FreeBsdRepository(settings, key, key.ExportPublic(), TimeProvider.System)
        {
            Checkpoint = point =>
            {
                if (point == cut)
                    throw new InvalidOperationException("the power went");
            },
        };

        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            cutOff.PublishAsync([DebMaker.Build(second, "20260102120000", "freebsd-14.1", "hello-pkg")], Cancellation)
        );

        var now = Assert.Single(await Repository.ListAsync(Abi, Cancellation));
        Assert.StartsWith(cut == "live" ? "2.0.0." : "1.2.3.", now.Version, StringComparison.Ordinal);
        Assert.True(File.Exists(PathOf(now.FileName)));
        await UnpackAsync(PathOf("data.pkg"), "zstd");
        await PublishAsync(second, "20260102120000");
        Assert.StartsWith("2.0.0.", Assert.Single(await Repository.ListAsync(Abi, Cancellation)).Version, StringComparison.Ordinal);
        Assert.Equal([1, 2], Repository.Snapshots(Abi).Select(snapshot => snapshot.Number));
    }

    [Theory]
    [InlineData("""{"name":"hello"}""", "no field version|neither abi nor arch")]
    [InlineData("""{"name":"../hello","version":"1.2.3","abi":"FreeBSD:14:amd64"}""", "not a package name")]
    [InlineData("""{"name":"hello","version":"1.2.3","abi":"../../etc"}""", "no ABI of FreeBSD")]
    [InlineData("""{"name":"hello","name":"evil","version":"1.2.3","abi":"FreeBSD:14:amd64"}""", "there twice")]
    [InlineData("""{"name":"hello","version":"1.2.3","abi":"FreeBSD:14:amd64" """, "ends in the middle|does not end")]
    [InlineData("{{{{", "a key is missing")]
    public async Task A_manifest_that_could_mislead_clients_is_refused(string manifest, string reason)
    {
        var outcome = await PublishAsync(await PkgMaker.MakeAsync(directory.Path, manifest, manifest), "20260101120000");

        Assert.Equal(PublishState.Refused, outcome.State);
        Assert.Matches(reason, outcome.Message);
        Assert.Empty(Repository.Abis);
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_with_the_reason()
    {
        var version = PkgMaker.Manifest(version: "1.2");
        var otherRelease = PkgMaker.Manifest(abi: "FreeBSD:13:amd64");
        var anyAbi = PkgMaker.Manifest(abi: "FreeBSD:14:*");
        Assert.Contains(
            "cannot be published",
            (await PublishAsync(await PkgMaker.MakeAsync(directory.Path, version, version), "20260101120000")).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "was built on freebsd-14.1",
            (await PublishAsync(await PkgMaker.MakeAsync(directory.Path, otherRelease, otherRelease), "20260101120000")).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "names no ABI that fits",
            (await PublishAsync(await PkgMaker.MakeAsync(directory.Path, anyAbi, anyAbi), "20260101120000")).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "different packages",
            (await PublishAsync(await PkgMaker.MakeAsync(directory.Path, version), "20260101120000")).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "leads out",
            (await PublishAsync(await PkgMaker.MakeAsync(directory.Path, path: "/usr/../../x"), "20260101120000")).Message,
            StringComparison.Ordinal
        );
        Assert.Contains("no +MANIFEST", (await PublishAsync(await EmptyAsync(), "20260101120000")).Message, StringComparison.Ordinal);
        Assert.Empty(Repository.Abis);
    }

    [Fact]
    public async Task A_package_for_every_architecture_goes_into_all_that_are_configured()
    {
        var repository = new FreeBsdRepository(
            settings with
            {
                Architectures = [Abi, "FreeBSD:14:aarch64", "FreeBSD:13:amd64"],
            },
            key,
            key.ExportPublic(),
            TimeProvider.System
        );
        var manifest = PkgMaker.Manifest(abi: "FreeBSD:14:*");
        var made = await PkgMaker.MakeAsync(directory.Path, manifest, manifest);

        var outcome = Assert.Single(await repository.PublishAsync([DebMaker.Build(made, "20260101120000", "freebsd-14.1")], Cancellation));

        Assert.Equal(PublishState.Published, outcome.State);
        Assert.Equal(["FreeBSD:14:aarch64", Abi], repository.Abis);
    }

    [Fact]
    public async Task Cut_off_anywhere_a_package_is_refused()
    {
        foreach (var packer in (string[])["zstd", "xz", "gzip", "cat"])
        {
            var whole = await File.ReadAllBytesAsync(await PkgMaker.MakeAsync(directory.Path, packer: packer), Cancellation);
            var significant = packer == "cat" ? 2048 : whole.Length;
            for (var length = 0; length < significant; length += Math.Max(1, significant / 24))
            {
                await File.WriteAllBytesAsync(directory["cut.pkg"], whole[..length], Cancellation);
                await Assert.ThrowsAsync<PackageException>(() => FreeBsdPackage.OpenAsync(directory["cut.pkg"], Cancellation));
            }
        }
    }

    /// <summary>Some kilobytes that would be gigabytes of values in memory.</summary>
    [Theory]
    [InlineData("[[],", "bytes, at most")]
    [InlineData("x:1\n", "bytes, at most")]
    public async Task A_manifest_that_is_a_bomb_is_refused_before_it_is_read(string piece, string reason)
    {
        var bomb = $"{{\"a\":[{string.Concat(Enumerable.Repeat(piece, 4_000_000))}";
        var package = await PkgMaker.MakeAsync(directory.Path, bomb, packer: "zstd -q -19 -c");
        Assert.InRange(new FileInfo(package).Length, 1, 50_000);

        var outcome = await PublishAsync(package, "20260101120000");

        Assert.Equal(PublishState.Refused, outcome.State);
        Assert.Contains(reason, outcome.Message, StringComparison.Ordinal);
    }

    private async Task<PublishOutcome> PublishAsync(string package, string started) =>
        Assert.Single(await Repository.PublishAsync([DebMaker.Build(package, started, "freebsd-14.1", "hello-pkg")], Cancellation));

    private string PathOf(string relative) => Path.Combine(settings.Directory, Abi, relative);

    private async Task<string> EmptyAsync()
    {
        await Tools.SucceedAsync("tar", ["-cf", directory["empty.pkg"], "-T", "/dev/null"]);
        return directory["empty.pkg"];
    }

    private async Task<string> UnpackAsync(string archive, string packer)
    {
        var folder = directory[Guid.NewGuid().ToString("N")];
        Directory.CreateDirectory(folder);
        await Tools.SucceedAsync("sh", ["-c", $"{packer} -dc '{archive}' | tar -xf - --no-same-owner"], folder);
        return folder;
    }
}
