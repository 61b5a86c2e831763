using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Builder.Protocol.Values;
using Builder.Testing;

namespace Builder.Web.Tests.Proof;

/// <summary>The .buildinfo file of a build of Debian packages, read by dpkg's own reader.</summary>
public sealed class BuildInfoTests : IDisposable
{
    private const string Address = "/job/demo/build/00000000-0000-4000-8000-000000000001/buildinfo";

    private static readonly BuildUuid Uuid = BuildUuid.Parse("00000000-0000-4000-8000-000000000001");

    private readonly TemporaryDirectory directory = new();

    [Fact]
    public async Task Dpkg_reads_packages_checksums_installed_packages_and_environment()
    {
        Requirement.Programs("dpkg-deb", "perl", "dpkg-genbuildinfo");
        var one = await PackageAsync("demo", "1:2.0-1+b1", "amd64", "Source: demo-source (1:2.0-1)\n");
        var two = await PackageAsync("demo-doc", "1:2.0-1", "all", "Source: demo-source\n");
        await using var site = await SiteAsync(
            ("demo_2.0-1+b1_amd64.deb", one),
            ("pool/demo-doc_2.0-1_all.deb", two),
            ("system-packages", "gcc=4:12.2.0-3\nlibc6=2.36-9+deb12u14\n"u8.ToArray()),
            ("build-environment", "HOME=/root\nFLAGS=-O2 \"-DX=\\y\"\nnot a name=1\n"u8.ToArray())
        );

        using var answer = await site.Http.GetAsync(Address, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("inline; filename=\"demo-source_2.0-1_amd64.buildinfo\"", answer.Content.Headers.ContentDisposition!.ToString());
        var fields = await ReadByDpkgAsync(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));

        Assert.Equal("demo-source", fields["Source"]);
        Assert.Equal("demo demo-doc", fields["Binary"]);
        Assert.Equal("all amd64", fields["Architecture"]);
        Assert.Equal("1:2.0-1", fields["Version"]);
        Assert.Equal("amd64", fields["Build-Architecture"]);
        Assert.Equal(
            $"\n{Convert.ToHexStringLower(SHA256.HashData(one))} {one.Length} demo_2.0-1+b1_amd64.deb\n{Convert.ToHexStringLower(SHA256.HashData(two))} {two.Length} demo-doc_2.0-1_all.deb",
            fields["Checksums-Sha256"]
        );
        Assert.StartsWith(
            $"\n{Convert.ToHexStringLower(CryptographicOperations.HashData(HashAlgorithmName.MD5, one))} ",
            fields["Checksums-Md5"],
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            $"\n{Convert.ToHexStringLower(CryptographicOperations.HashData(HashAlgorithmName.SHA1, one))} ",
            fields["Checksums-Sha1"],
            StringComparison.Ordinal
        );
        Assert.Equal("\ngcc (= 4:12.2.0-3),\nlibc6 (= 2.36-9+deb12u14)", fields["Installed-Build-Depends"]);
        Assert.Equal("\nFLAGS=\"-O2 \\\"-DX=\\\\y\\\"\"\nHOME=\"/root\"", fields["Environment"]);
        using var page = await site.Http.PageAsync(Address.Replace("/buildinfo", "/proof", StringComparison.Ordinal));
        Assert.NotNull(page.QuerySelector($"a[href='{Address}']"));
    }

    [Fact]
    public async Task What_is_missing_or_broken_is_named()
    {
        var none = await WhyNotAsync(("bin/x", "x"u8.ToArray()));
        Assert.Contains("left no .deb file", none, StringComparison.Ordinal);
        var unrecorded = await WhyNotAsync(("x_1_all.deb", "x"u8.ToArray()));
        Assert.Contains("did not record which packages", unrecorded, StringComparison.Ordinal);
        var other = await WhyNotAsync(("x_1_all.deb", "x"u8.ToArray()), ("system-packages", "a b=1\n"u8.ToArray()));
        Assert.Contains("\"a b\", which is no package of Debian", other, StringComparison.Ordinal);
        var broken = await WhyNotAsync(("x_1_all.deb", "x"u8.ToArray()), ("system-packages", "gcc=1\n"u8.ToArray()));
        Assert.Contains("x_1_all.deb cannot be read", broken, StringComparison.Ordinal);
    }

    public void Dispose() => directory.Dispose();

    private static async Task<string> WhyNotAsync(params (string Path, byte[] Content)[] files)
    {
        await using var site = await SiteAsync(files);
        using var answer = await site.Http.GetAsync(Address, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<Site> SiteAsync(params (string Path, byte[] Content)[] files)
    {
        var site = await Site.FilledAsync();
        await site.AddUsersAsync();
        using var answer = await site.UploadAsync("admin", "pw-admin", await Uploads.ExecAsync("demo", Uuid, Site.Recorded, files));
        Assert.True(answer.IsSuccessStatusCode);
        return site;
    }

    private async Task<byte[]> PackageAsync(string name, string version, string architecture, string source)
    {
        var root = Directory.CreateDirectory(directory[$"{name}/DEBIAN"]).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(root, "control"),
            $"Package: {name}\n{source}Version: {version}\nArchitecture: {architecture}\nMaintainer: A <a@b.example>\nDescription: demo\n",
            TestContext.Current.CancellationToken
        );
        await RunAsync("dpkg-deb", ["--root-owner-group", "-b", directory[name], directory["built.deb"]], []);
        return await File.ReadAllBytesAsync(directory["built.deb"], TestContext.Current.CancellationToken);
    }

    private static async Task<Dictionary<string, string>> ReadByDpkgAsync(byte[] file)
    {
        const string Script = """
            use Dpkg::Control; my $c = Dpkg::Control->new(type => CTRL_FILE_BUILDINFO); $c->parse(\*STDIN, "buildinfo") or die;
            for my $f (keys %$c) { my $v = $c->{$f}; $v =~ s/\n/\x01/g; print "$f=$v\n"; }
            """;
        var output = await RunAsync("perl", ["-e", Script], file);
        return output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('=', 2))
            .ToDictionary(parts => parts[0], parts => parts[1].Replace('\u0001', '\n'));
    }

    private static async Task<string> RunAsync(string program, string[] arguments, byte[] input)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        using var process = Process.Start(start)!;
        await process.StandardInput.BaseStream.WriteAsync(input, TestContext.Current.CancellationToken);
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
