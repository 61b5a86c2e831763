using Builder.Cli.Tests.Parsing;

namespace Builder.Cli.Tests.Log;

/// <summary>A copy of a log on disk, and what somebody did to it.</summary>
[Collection(CommandTrees.Name)]
public sealed class LogVerifyTests : IDisposable
{
    private readonly WatchedSite site = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => site.Dispose();

    [Fact]
    public async Task A_whole_copy_is_right_with_the_key_and_with_the_one_beside_it()
    {
        await site.SignAsync(300);

        Assert.Equal(0, await VerifyAsync());
        Assert.Equal(0, await VerifyAsync("--key", site.Verifier.Vkey));
    }

    [Fact]
    public async Task The_key_of_another_log_is_refused()
    {
        await site.SignAsync(3);
        using var other = new WatchedSite();

        Assert.Equal(1, await VerifyAsync("--key", other.Verifier.Vkey));
    }

    [Theory]
    [InlineData("tile/entries/000")]
    [InlineData("tile/entries/001.p/44")]
    [InlineData("tile/0/000")]
    [InlineData("tile/1/000.p/1")]
    public async Task A_file_that_is_changed_cut_off_or_missing_is_found(string name)
    {
        await site.SignAsync(300);
        var path = Path.Combine(site.Public, name);
        var whole = await File.ReadAllBytesAsync(path, Token);

        var changed = (byte[])whole.Clone();
        changed[^9] ^= 1;
        await File.WriteAllBytesAsync(path, changed, Token);
        Assert.Equal(1, await VerifyAsync());
        await File.WriteAllBytesAsync(path, whole[..^1], Token);
        Assert.Equal(1, await VerifyAsync());
        File.Delete(path);
        Assert.Equal(1, await VerifyAsync());
        await File.WriteAllBytesAsync(path, whole, Token);
        Assert.Equal(0, await VerifyAsync());
    }

    [Fact]
    public async Task What_is_no_log_cannot_be_checked()
    {
        await site.SignAsync(1);
        File.Delete(Path.Combine(site.Public, "vkey"));
        Assert.Equal(2, await VerifyAsync());
        File.Delete(Path.Combine(site.Public, "checkpoint"));
        Assert.Equal(2, await VerifyAsync("--key", site.Verifier.Vkey));
    }

    private Task<int> VerifyAsync(params string[] options) =>
        new Builder.Cli.CommandLine(null).RunAsync(["log", "verify", site.Public, .. options]);
}
