using System.Diagnostics;
using Builder.Testing;

namespace Builder.EndToEnd.Tests;

/// <summary>The Debian package of Builder itself, as the script that makes it leaves it.</summary>
public sealed class DebianPackageTests
{
    private static readonly string[] CalledNames =
    [
        "builder",
        "builder-client",
        "builder-db",
        "builder-inspect",
        "builder-migrations",
        "builder-server",
        "builder-web",
        "builder-worker",
        "orb",
    ];

    [Fact]
    public async Task It_has_the_program_under_all_its_names_and_comes_out_the_same_twice()
    {
        using var directory = new TemporaryDirectory();
        var published = Path.GetDirectoryName(BuilderProcess.Executable)!;
        await BuildAsync(published, directory["first"]);
        await BuildAsync(published, directory["second"]);
        // One of a native executable has a second package with the debug symbols.
        foreach (var made in Directory.GetFiles(directory["first"]))
            Assert.Equal(await ReadAsync(made), await ReadAsync(Path.Combine(directory["second"], Path.GetFileName(made))));
        var package = Package(directory["first"]);

        var (_, version) = await RunAsync("dpkg-deb", "--field", package, "Version");
        Assert.Equal(version.Trim(), Path.GetFileName(package).Split('_')[1]);
        await RunAsync("dpkg-deb", "--extract", package, directory["root"]);
        var names = Directory.GetFiles(directory["root/usr/bin"]).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(CalledNames, names.Select(Path.GetFileName));
        foreach (var name in names)
            Assert.Equal(directory["root/usr/lib/builder/builder"], File.ResolveLinkTarget(name, returnFinalTarget: true)!.FullName);
        Assert.Equal(await ReadAsync(BuilderProcess.Executable), await ReadAsync(directory["root/usr/lib/builder/builder"]));
        foreach (var file in (string[])["usr/lib/builder/worker-defaults", "usr/lib/builder/apparmor-profile"])
            Assert.Equal(UnixFileMode.UserExecute, File.GetUnixFileMode(directory[$"root/{file}"]) & UnixFileMode.UserExecute);
        Assert.True(File.Exists(directory["root/usr/share/builder/apparmor/builder"]));
        foreach (
            var unit in (string[])["builder-server.service", "builder-signer.service", "builder-web.service", "builder-worker@.service"]
        )
            Assert.True(File.Exists(directory[$"root/usr/lib/systemd/system/{unit}"]), unit);
        foreach (var name in CalledNames)
        {
            Assert.True(File.Exists(directory[$"root/usr/share/man/man1/{name}.1.gz"]), name);
            Assert.True(File.Exists(directory[$"root/usr/share/bash-completion/completions/{name}"]), name);
            Assert.True(File.Exists(directory[$"root/usr/share/fish/vendor_completions.d/{name}.fish"]), name);
        }
        Assert.True(File.Exists(directory["root/usr/share/zsh/vendor-completions/_builder"]));
        var (status, missing) = await RunAsync(
            "sh",
            "-c",
            "cd \"$1\" && dpkg-deb --info \"$2\" md5sums | md5sum --check --quiet",
            "sh",
            directory["root"],
            package
        );
        Assert.True(status == 0, missing);
    }

    [Fact]
    public async Task Lintian_finds_no_error_in_it()
    {
        Requirement.Programs("lintian");
        using var directory = new TemporaryDirectory();
        await BuildAsync(Path.GetDirectoryName(BuilderProcess.Executable)!, directory["out"]);
        var (status, said) = await RunAsync("lintian", ["--allow-root", "--fail-on", "error", .. Directory.GetFiles(directory["out"])]);
        Assert.True(status == 0, said);
        Assert.DoesNotContain("E: ", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scripts_of_the_packages_are_scripts_of_sh()
    {
        string[] scripts =
        [
            .. ((string[])["postinst", "postrm", "prerm", "worker-defaults"]).Select(name =>
                Path.Combine(BuilderProcess.Repository, "packaging", "debian", name)
            ),
            .. Directory.GetFiles(Path.Combine(BuilderProcess.Repository, "packaging", "freebsd")),
        ];
        foreach (var script in scripts)
            Assert.Equal((0, ""), await RunAsync("sh", "-n", script));
    }

    [Fact]
    public async Task Debug_symbols_are_a_package_of_their_own_found_by_the_build_id()
    {
        Requirement.Programs("gcc", "objcopy", "strip");
        using var directory = new TemporaryDirectory();
        const string compile = """
            cd "$1" && mkdir published manual manual/man manual/bash manual/zsh manual/fish && cd published && echo 'int main(void) { return 0; }' | gcc -g -Wl,--build-id -x c - -o builder &&
            objcopy --only-keep-debug builder builder.dbg && strip builder && printf '.TH X 1\n' >../manual/man/builder.1 &&
            touch ../manual/bash/builder ../manual/zsh/_builder ../manual/fish/builder.fish && readelf --notes builder | sed -n 's/.*Build ID: //p'
            """;
        var (status, id) = await RunAsync("sh", "-c", compile, "sh", directory.Path);
        Assert.True(status == 0, id);
        id = id.Trim();
        await BuildAsync(directory["published"], directory["out"], directory["manual"]);

        var symbols = Assert.Single(Directory.GetFiles(directory["out"], "builder-dbgsym_*.deb"));
        await RunAsync("dpkg-deb", "--extract", symbols, directory["root"]);
        Assert.Equal(
            await ReadAsync(directory["published/builder.dbg"]),
            await ReadAsync(directory[$"root/usr/lib/debug/.build-id/{id[..2]}/{id[2..]}.debug"])
        );
        Assert.Equal((0, id + "\n"), await RunAsync("dpkg-deb", "--field", symbols, "Build-Ids"));
        Assert.True(File.Exists(Package(directory["out"])));
    }

    [Theory]
    [InlineData("Somebody")]
    [InlineData("<somebody@example.org>")]
    [InlineData("Somebody <somebody>")]
    public async Task A_maintainer_without_an_address_is_refused(string maintainer)
    {
        using var directory = new TemporaryDirectory();
        var (status, said) = await RunAsync(
            "env",
            $"DEB_MAINTAINER={maintainer}",
            "sh",
            Script,
            Path.GetDirectoryName(BuilderProcess.Executable)!,
            directory["out"]
        );
        Assert.Equal(2, status);
        Assert.Contains("set DEB_MAINTAINER", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_published_program_it_says_how_to_make_one()
    {
        using var directory = new TemporaryDirectory();
        var (status, said) = await RunAsync("sh", Script, directory.Path, directory["out"]);
        Assert.Equal(2, status);
        Assert.Contains("dotnet publish -c Release -r linux-x64 src/Builder.Cli", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", null, "--sandbox bubblewrap --network outbound", false)]
    [InlineData("", "BUILDER_WORKER_OPTIONS=\"-r a:1 --sandbox none\"", "", false)]
    [InlineData("0.1.0", null, "--sandbox none", true)]
    [InlineData("0.1.0", "BUILDER_WORKER_OPTIONS=\"-r a:1\"", "--sandbox none", true)]
    [InlineData("0.1.0", "# --sandbox bubblewrap\nBUILDER_WORKER_OPTIONS=\"-r a:1\"", "--sandbox none", true)]
    [InlineData("0.1.0", "BUILDER_WORKER_OPTIONS=\"-r a:1 --sandbox bubblewrap\"", "", false)]
    public async Task New_installations_get_the_sandbox_and_upgrades_keep_their_mode_with_a_warning(
        string before,
        string? kept,
        string isolation,
        bool warns
    )
    {
        using var root = new TemporaryDirectory();
        var defaults = root["etc/default/builder-worker"];
        if (kept is not null)
        {
            Directory.CreateDirectory(root["etc/default"]);
            await File.WriteAllTextAsync(defaults, kept + "\n", TestContext.Current.CancellationToken);
        }

        var (status, said) = await DefaultsAsync(root, before);
        Assert.True(status == 0, said);
        Assert.Equal(
            warns,
            said.Contains("WARNING: workers of this machine go on running jobs WITHOUT a sandbox", StringComparison.Ordinal)
        );
        var (_, value) = await RunAsync(
            "sh",
            "-c",
            ". \"$1\"; echo \"[$BUILDER_WORKER_ISOLATION] [${BUILDER_WORKER_PROTOCOL-of the unit}] [${BUILDER_WORKER_OPTIONS-}]\"",
            "sh",
            defaults
        );
        Assert.StartsWith(
            $"[{isolation}] [{(before.Length == 0 ? "of the unit" : "")}] [{(kept ?? "").Split('"').ElementAtOrDefault(1)}",
            value,
            StringComparison.Ordinal
        );

        // What the operator or an earlier upgrade has said stays.
        var text = await File.ReadAllTextAsync(defaults, TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), await DefaultsAsync(root, "0.1.0"));
        Assert.Equal(text, await File.ReadAllTextAsync(defaults, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_mode_that_is_set_for_one_platform_stays_as_it_is()
    {
        using var root = new TemporaryDirectory();
        Directory.CreateDirectory(root["etc/default"]);
        await File.WriteAllTextAsync(
            root["etc/default/builder-worker-debian-12"],
            "BUILDER_WORKER_ISOLATION=\"--sandbox bubblewrap\"\n",
            TestContext.Current.CancellationToken
        );

        Assert.Equal((0, ""), await DefaultsAsync(root, "0.1.0"));
        Assert.False(File.Exists(root["etc/default/builder-worker"]));
    }

    [Fact]
    public async Task The_AppArmor_profile_is_installed_where_it_is_understood_and_nowhere_else()
    {
        using var root = new TemporaryDirectory();
        var apparmor = Path.Combine(BuilderProcess.Repository, "packaging", "apparmor");
        Directory.CreateDirectory(root["usr/share/builder/apparmor"]);
        File.Copy(Path.Combine(apparmor, "builder"), root["usr/share/builder/apparmor/builder"]);
        Directory.CreateDirectory(root["etc/apparmor.d/abi"]);
        string[] install = ["-c", "DPKG_ROOT=\"$1\" exec sh \"$2\" \"$3\"", "sh", root.Path, Path.Combine(apparmor, "install-profile")];

        Assert.Equal((0, ""), await RunAsync("sh", [.. install, "install"]));
        Assert.False(File.Exists(root["etc/apparmor.d/builder"]));
        await File.WriteAllTextAsync(root["etc/apparmor.d/abi/4.0"], "", TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), await RunAsync("sh", [.. install, "install"]));
        Assert.Equal(await ReadAsync(Path.Combine(apparmor, "builder")), await ReadAsync(root["etc/apparmor.d/builder"]));
        Assert.Equal((0, ""), await RunAsync("sh", [.. install, "remove"]));
        Assert.False(File.Exists(root["etc/apparmor.d/builder"]));
    }

    [Fact]
    public async Task The_AppArmor_profile_is_accepted_by_its_parser()
    {
        Requirement.Programs("apparmor_parser");
        var profile = Path.Combine(BuilderProcess.Repository, "packaging", "apparmor", "builder");
        // AppArmor before 4.0 does not know user namespaces: there the rest of the profile is checked.
        var filter = File.Exists("/etc/apparmor.d/abi/4.0") ? "cat" : "sed -e 's:abi/4.0:abi/3.0:' -e '/^ *userns,/d'";
        var (status, said) = await RunAsync(
            "sh",
            "-c",
            $"{filter} \"$1\" | /usr/sbin/apparmor_parser --skip-kernel-load --skip-cache",
            "sh",
            profile
        );
        Assert.True(status == 0, said);
    }

    private static Task<(int Status, string Said)> DefaultsAsync(TemporaryDirectory root, string before) =>
        RunAsync(
            "sh",
            "-c",
            "DPKG_ROOT=\"$1\" exec sh \"$2\" \"$3\"",
            "sh",
            root.Path,
            Path.Combine(BuilderProcess.Repository, "packaging", "debian", "worker-defaults"),
            before
        );

    private static string Script => Path.Combine(BuilderProcess.Repository, "packaging", "debian", "build-package.sh");

    private static Task<byte[]> ReadAsync(string path) => File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);

    private static string Package(string directory) => Assert.Single(Directory.GetFiles(directory, "builder_*.deb"));

    private static async Task BuildAsync(string published, string output, params string[] manual)
    {
        var (status, said) = await RunAsync(
            "env",
            ["DEB_MAINTAINER=Builder <builder@lists.debian.org>", "sh", Script, published, output, .. manual]
        );
        Assert.True(status == 0, said);
    }

    private static async Task<(int Status, string Said)> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }
        )!;
        var said = await Task.WhenAll(
            process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken),
            process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)
        );
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, string.Concat(said));
    }
}
