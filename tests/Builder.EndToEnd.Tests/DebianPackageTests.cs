using System.Diagnostics;
using Builder.Testing;

namespace Builder.EndToEnd.Tests;

/// <summary>The Debian package of Builder itself, as the script that makes it leaves it.</summary>
public sealed class DebianPackageTests
{
    private static readonly string[] CalledNames =
        ["builder", "builder-client", "builder-db", "builder-inspect", "builder-migrations", "builder-server", "builder-web", "builder-worker"];

    [Fact]
    public async Task It_has_the_program_under_all_its_names_and_comes_out_the_same_twice()
    {
        using var directory = new TemporaryDirectory();
        var published = Path.GetDirectoryName(BuilderProcess.Executable)!;
        await BuildAsync(published, directory["first"]);
        await BuildAsync(published, directory["second"]);
        var package = Assert.Single(Directory.GetFiles(directory["first"]));
        Assert.Equal(await ReadAsync(package), await ReadAsync(Path.Combine(directory["second"], Path.GetFileName(package))));

        var (_, version) = await RunAsync("dpkg-deb", "--field", package, "Version");
        Assert.Equal(version.Trim(), Path.GetFileName(package).Split('_')[1]);
        await RunAsync("dpkg-deb", "--extract", package, directory["root"]);
        var names = Directory.GetFiles(directory["root/usr/bin"]).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(CalledNames, names.Select(Path.GetFileName));
        foreach (var name in names)
            Assert.Equal(directory["root/usr/lib/builder/builder"], File.ResolveLinkTarget(name, returnFinalTarget: true)!.FullName);
        Assert.Equal(await ReadAsync(BuilderProcess.Executable), await ReadAsync(directory["root/usr/lib/builder/builder"]));
        foreach (var unit in (string[])["builder-server.service", "builder-web.service", "builder-worker@.service"])
            Assert.True(File.Exists(directory[$"root/usr/lib/systemd/system/{unit}"]), unit);
        var (status, missing) = await RunAsync("sh", "-c", "cd \"$1\" && dpkg-deb --info \"$2\" md5sums | md5sum --check --quiet", "sh", directory["root"], package);
        Assert.True(status == 0, missing);
    }

    [Fact]
    public async Task Without_a_published_program_it_says_how_to_make_one()
    {
        using var directory = new TemporaryDirectory();
        var (status, said) = await RunAsync("sh", Script, directory.Path, directory["out"]);
        Assert.Equal(2, status);
        Assert.Contains("dotnet publish -c Release -r linux-x64 src/Builder.Cli", said, StringComparison.Ordinal);
    }

    private static string Script => Path.Combine(BuilderProcess.Repository, "packaging", "debian", "build-package.sh");

    private static Task<byte[]> ReadAsync(string path) => File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);

    private static async Task BuildAsync(string published, string output)
    {
        var (status, said) = await RunAsync("sh", Script, published, output);
        Assert.True(status == 0, said);
    }

    private static async Task<(int Status, string Said)> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = await Task.WhenAll(
            process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, string.Concat(said));
    }
}
