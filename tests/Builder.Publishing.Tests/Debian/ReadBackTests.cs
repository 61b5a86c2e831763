using System.Text;
using Builder.Publishing.Debian;
using Builder.Publishing.Files;
using Builder.Publishing.Packages;
using Builder.Publishing.Signing;

namespace Builder.Publishing.Tests.Debian;

/// <summary>Each new state is read back before clients get it.</summary>
public sealed class ReadBackTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Files of the new state that something spoils after they were written.</summary>
    [Theory]
    [InlineData("main/binary-all/Packages", "is not what Release says")]
    [InlineData("main/binary-amd64/Packages.gz", "is not what Release says")]
    [InlineData("main/binary-amd64/Packages.xz", "is not what Release says")]
    [InlineData("InRelease", "InRelease does not hold")]
    [InlineData("Release", "InRelease does not hold")]
    [InlineData("pool", "has not the hash of the index")]
    [InlineData("pool short", "has not the size of the index")]
    public async Task What_was_spoiled_on_the_way_does_not_go_live(string spoiled, string reason)
    {
        using var test = await DebianTestRepository.CreateAsync();
        await test.PublishAsync(await DebMaker.MakeAsync(test["debs"], content: "first"), "20260101000000");
        var second = await DebMaker.MakeAsync(test["debs"], content: "second");
        var before = test.Repository.Snapshots("debian-12");
        var repository = new DebianRepository(test.Settings, test.Key, TimeProvider.System)
        {
            Checkpoint = point =>
            {
                if (point == "Release.gpg")
                    Spoil(test, spoiled, DebMaker.Sha256(second));
            },
        };

        var exception = await Assert.ThrowsAsync<RepositoryException>(() =>
            repository.PublishAsync("debian-12", [DebMaker.Build(second, "20260102000000")], Cancellation)
        );

        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, test.Repository.Snapshots("debian-12"));
        var apt = test.Apt();
        await apt.UpdateAsync();
        await apt.InstallAsync("hello");
        Assert.Equal("first", apt.Read("usr/share/hello/greeting"));
        Assert.Equal(PublishState.Published, (await test.PublishAsync(second, "20260102000000")).State);
    }

    [Fact]
    public async Task A_signer_that_signs_something_else_is_noticed()
    {
        using var test = await DebianTestRepository.CreateAsync();
        var repository = new DebianRepository(test.Settings, new OtherTextSigner(test.Key), TimeProvider.System);
        var deb = await DebMaker.MakeAsync(test["debs"]);

        var exception = await Assert.ThrowsAsync<RepositoryException>(() =>
            repository.PublishAsync("debian-12", [DebMaker.Build(deb, "20260102000000")], Cancellation)
        );

        Assert.Contains("InRelease does not hold", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_earlier_version_published_and_apt_cannot_read_is_left_out_with_the_next_publication()
    {
        using var test = await DebianTestRepository.CreateAsync();
        await test.PublishAsync(await DebMaker.MakeAsync(test["debs"], "odd"), "20260101000000");
        foreach (var index in Directory.EnumerateFiles(test.Settings.Directory, "Packages", SearchOption.AllDirectories))
        {
            var text = await File.ReadAllTextAsync(index, Cancellation);
            await File.WriteAllTextAsync(
                index,
                text.Replace("Maintainer:", "Depends: foo bar\nMaintainer:", StringComparison.Ordinal),
                Cancellation
            );
        }

        await test.PublishAsync(await DebMaker.MakeAsync(test["debs"], "good"), "20260101000000");

        await test.Apt().UpdateAsync();
        Assert.Equal(["good"], (await test.Repository.ListAsync("debian-12", Cancellation)).Select(package => package.Name));
        Assert.Equal("publish good, without odd (apt or dpkg cannot read it)", test.Repository.Snapshots("debian-12")[^1].Note);
    }

    private static void Spoil(DebianTestRepository test, string what, string sha256)
    {
        var file = what.StartsWith("pool", StringComparison.Ordinal)
            ? Directory.EnumerateFiles(test.Settings.Directory, $"*{sha256}*.deb", SearchOption.AllDirectories).Single()
            : Path.Combine(test.Settings.Directory, ".incoming", "debian-12", what);
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(file, what == "pool short" ? bytes[..^1] : bytes);
    }

    private sealed class OtherTextSigner(ISigner key) : ISigner
    {
        public Task<byte[]> SignAsync(SignatureKind kind, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
            key.SignAsync(
                kind,
                kind == SignatureKind.ClearSigned ? Encoding.UTF8.GetBytes("Origin: another\n") : content,
                cancellationToken
            );
    }
}
