using System.Text;
using Builder.Publishing.Archives;
using Builder.Publishing.Debian;
using Builder.Testing;

namespace Builder.Publishing.Tests.Debian;

public sealed class DebianPackageTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("gzip")]
    [InlineData("xz")]
    [InlineData("zstd")]
    [InlineData("none")]
    public async Task Rewritten_it_has_the_new_version_and_the_same_data_byte_for_byte(string compression)
    {
        using var directory = new TemporaryDirectory();
        var deb = await DebMaker.MakeAsync(directory.Path, compression: compression, content: new string('x', 100_001));
        var rewritten = directory["rewritten.deb"];
        await RewriteAsync(deb, rewritten, "7.8.9");

        Assert.Equal("7.8.9", (await Tools.SucceedAsync("dpkg-deb", ["--field", rewritten, "Version"])).Trim());
        var before = (await Tools.SucceedAsync("dpkg-deb", ["--field", deb])).Replace("1.0.0", "7.8.9", StringComparison.Ordinal);
        Assert.Equal(before, await Tools.SucceedAsync("dpkg-deb", ["--field", rewritten]));
        Assert.Equal(await DataMemberAsync(deb, directory), await DataMemberAsync(rewritten, directory));
        await Tools.SucceedAsync("dpkg-deb", ["--extract", rewritten, directory["unpacked"]]);
        Assert.Equal(100_001, new FileInfo(directory["unpacked/usr/share/hello/greeting"]).Length);
    }

    [Fact]
    public async Task The_same_input_gives_the_same_bytes()
    {
        using var directory = new TemporaryDirectory();
        var deb = await DebMaker.MakeAsync(directory.Path);

        var first = await RewriteAsync(deb, directory["1.deb"], "1.2.3");
        var second = await RewriteAsync(deb, directory["2.deb"], "1.2.3");

        Assert.Equal(first, second);
        Assert.Equal(DebMaker.Sha256(directory["1.deb"]), first.Sha256);
        Assert.Equal(new FileInfo(directory["1.deb"]).Length, first.Size);
        Assert.Equal(
            await File.ReadAllBytesAsync(directory["1.deb"], Cancellation),
            await File.ReadAllBytesAsync(directory["2.deb"], Cancellation)
        );
    }

    [Fact]
    public async Task Cut_off_anywhere_it_is_refused()
    {
        using var directory = new TemporaryDirectory();
        foreach (var compression in (string[])["gzip", "xz", "zstd"])
        {
            var whole = await File.ReadAllBytesAsync(await DebMaker.MakeAsync(directory.Path, compression: compression), Cancellation);
            for (var length = 0; length < whole.Length; length += 37)
            {
                var cut = directory["cut.deb"];
                await File.WriteAllBytesAsync(cut, whole[..length], Cancellation);
                await Assert.ThrowsAsync<PackageException>(() => DebianPackage.OpenAsync(cut, Cancellation));
            }
        }
    }

    [Fact]
    public async Task With_any_byte_changed_it_is_read_or_refused_and_nothing_else()
    {
        using var directory = new TemporaryDirectory();
        var whole = await File.ReadAllBytesAsync(await DebMaker.MakeAsync(directory.Path, compression: "zstd"), Cancellation);
        var refused = 0;
        for (var i = 0; i < whole.Length; i++)
        {
            var changed = directory["changed.deb"];
            byte[] bytes = [.. whole];
            bytes[i] ^= 0x41;
            await File.WriteAllBytesAsync(changed, bytes, Cancellation);
            try
            {
                using var package = await DebianPackage.OpenAsync(changed, Cancellation);
                Assert.Equal("hello", package.Control.Package);
            }
            catch (PackageException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, whole.Length / 3, whole.Length);
    }

    [Theory]
    [InlineData("../../etc/cron.d/evil", "leads out of the package")]
    [InlineData("./usr/../../evil", "leads out of the package")]
    [InlineData("/etc/evil", "is absolute")]
    public async Task Names_that_lead_elsewhere_are_refused(string name, string reason)
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory["file"], "x", Cancellation);
        await Tools.SucceedAsync("tar", ["-cPf", "data.tar", $"--transform=s,file,{name},", "file"], directory.Path);
        var deb = await AssembleAsync(directory, "data.tar");

        var exception = await Assert.ThrowsAsync<PackageException>(() => DebianPackage.OpenAsync(deb, Cancellation));

        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip", "data.tar.gz")]
    [InlineData("xz", "data.tar.xz")]
    [InlineData("zstd", "data.tar.zst")]
    public async Task A_bomb_is_refused_without_being_unpacked_whole(string packer, string name)
    {
        using var directory = new TemporaryDirectory();
        await Tools.SucceedAsync(
            "sh",
            ["-c", $"truncate -s 400M zeros && tar -c zeros | {packer} -1 > {name} && rm zeros"],
            directory.Path
        );
        var deb = await AssembleAsync(directory, name);

        var exception = await Assert.ThrowsAsync<PackageException>(() => DebianPackage.OpenAsync(deb, Cancellation));

        Assert.Contains("is larger than", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Package: x\nVersion: 1\nArchitecture: all\nMaintainer: m\nDescription: d\n", "not a package name")]
    [InlineData("Package: ../x\nVersion: 1\nArchitecture: all\nMaintainer: m\nDescription: d\n", "not a package name")]
    [InlineData("Version: 1\nArchitecture: all\nMaintainer: m\nDescription: d\n", "no field Package")]
    [InlineData("Package: xx\nArchitecture: all\nMaintainer: m\nDescription: d\n", "no field Version")]
    [InlineData("Package: xx\nVersion: 1\nMaintainer: m\nDescription: d\n", "no field Architecture")]
    [InlineData("Package: xx\nVersion: 1\nArchitecture: all\nDescription: d\n", "no field Maintainer")]
    [InlineData("Package: xx\nVersion: 1\nArchitecture: all\nMaintainer: m\n", "no field Description")]
    [InlineData("Package: xx\nVersion: 1\nArchitecture: ../all\nMaintainer: m\nDescription: d\n", "not an architecture")]
    [InlineData("Package: xx\nVersion: 1\nVersion: 2\nArchitecture: all\nMaintainer: m\nDescription: d\n", "Version twice")]
    [InlineData("Package: xx\nVersion: 1\nArchitecture: all\nMaintainer: m\nDescription: d\n\nPackage: evil\n", "more than one paragraph")]
    [InlineData("Package: xx\nVersion: 1\nArchitecture: all\nMaintainer: m\nDescription: d\n \nPackage: evil\n", "line of spaces")]
    [InlineData("Package: xx\nVersion: 1\nArchitecture: all\nMaintainer: m\nDescription: d\r\n\r\nPackage: evil\n", "control characters")]
    [InlineData("Package: xx\nno field\n", "no field: \"no field\"")]
    public async Task A_control_file_that_could_mislead_clients_is_refused(string control, string reason)
    {
        using var directory = new TemporaryDirectory();
        await Tools.SucceedAsync("sh", ["-c", "tar -cf data.tar -T /dev/null"], directory.Path);
        var deb = await AssembleAsync(directory, "data.tar", control);

        var exception = await Assert.ThrowsAsync<PackageException>(() => DebianPackage.OpenAsync(deb, Cancellation));

        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_files_are_not_packages()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory["x.deb"], "#!/bin/sh\necho hello\n", Cancellation);

        var exception = await Assert.ThrowsAsync<PackageException>(() => DebianPackage.OpenAsync(directory["x.deb"], Cancellation));

        Assert.Contains("not a Debian package", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Continuations_and_their_order_stay_as_they_are()
    {
        var control = ControlFile.Parse(
            Encoding.UTF8.GetBytes(
                "Package: xx\nVersion:1.0.0\nArchitecture: all\nMaintainer: Zoë <z@example.org>\nDescription: d\n  more: text\n .\n end\n"
            )
        );

        Assert.Equal(
            "Package: xx\nVersion: 2\nArchitecture: all\nMaintainer: Zoë <z@example.org>\nDescription: d\n  more: text\n .\n end\n",
            Encoding.UTF8.GetString(control.WithVersion("2"))
        );
        Assert.Equal("d\n  more: text\n .\n end", control.Fields[^1].Value);
    }

    private static async Task<(long Size, string Sha256)> RewriteAsync(string deb, string target, string version)
    {
        using var package = await DebianPackage.OpenAsync(deb, Cancellation);
        await using var output = File.Create(target);
        return await package.WriteAsync(output, version, Cancellation);
    }

    private static async Task<byte[]> DataMemberAsync(string deb, TemporaryDirectory directory)
    {
        var folder = directory[Guid.NewGuid().ToString("N")];
        Directory.CreateDirectory(folder);
        await Tools.SucceedAsync("ar", ["x", deb], folder);
        return await File.ReadAllBytesAsync(Directory.EnumerateFiles(folder, "data.tar*").Single(), Cancellation);
    }

    private static async Task<string> AssembleAsync(
        TemporaryDirectory directory,
        string data,
        string control = "Package: xx\nVersion: 1.0.0\nArchitecture: all\nMaintainer: m\nDescription: d\n"
    )
    {
        await File.WriteAllTextAsync(directory["control"], control, Cancellation);
        await File.WriteAllTextAsync(directory["debian-binary"], "2.0\n", Cancellation);
        await Tools.SucceedAsync("tar", ["-cf", "control.tar", "./control"], directory.Path);
        await Tools.SucceedAsync("ar", ["rc", "made.deb", "debian-binary", "control.tar", data], directory.Path);
        return directory["made.deb"];
    }
}
