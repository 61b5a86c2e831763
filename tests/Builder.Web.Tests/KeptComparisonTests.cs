using System.Text;
using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Files;

namespace Builder.Web.Tests;

/// <summary>What was found between two switches is kept by their contents; nothing is kept of a file that was not there.</summary>
public sealed class KeptComparisonTests
{
    private static readonly byte[] One = Encoding.ASCII.GetBytes("opam-version: \"2.0\"\ninstalled: [\"hello.1.0\"]\n");
    private static readonly byte[] Two = Encoding.ASCII.GetBytes("opam-version: \"2.0\"\ninstalled: [\"hello.1.1\"]\n");

    [Fact]
    public async Task Other_builds_with_the_same_switches_are_compared_without_reading_them_again()
    {
        await using var site = await Site.EmptyAsync();
        await site.AddUsersAsync();
        var (left, right, another) = (await StoreAsync(site, One), await StoreAsync(site, Two), await StoreAsync(site, Two));
        Assert.Equal("1.0 1.1", await ChangeAsync(site, left, right));
        File.Delete(FileOf(site, Two));
        Assert.Equal("1.0 1.1", await ChangeAsync(site, left, another));
    }

    [Fact]
    public async Task A_switch_that_was_missing_is_read_when_it_is_back()
    {
        await using var site = await Site.EmptyAsync();
        await site.AddUsersAsync();
        var (left, right) = (await StoreAsync(site, One), await StoreAsync(site, Two));
        File.Move(FileOf(site, Two), FileOf(site, Two) + ".away");
        Assert.Equal("1.0", await ChangeAsync(site, left, right));
        File.Move(FileOf(site, Two) + ".away", FileOf(site, Two));
        Assert.Equal("1.0 1.1", await ChangeAsync(site, left, right));
    }

    /// <summary>Versions of the package before and after. The address is new each time, so that no page is kept.</summary>
    private static async Task<string> ChangeAsync(Site site, BuildUuid left, BuildUuid right)
    {
        using var page = await site.Http.PageAsync($"/compare/{left}/{right}?{Guid.NewGuid()}");
        return string.Join(' ', page.Texts("#package-hello td.num").Where(text => text.Length > 0));
    }

    private static async Task<BuildUuid> StoreAsync(Site site, byte[] opamSwitch)
    {
        var uuid = BuildUuid.NewRandom();
        using var answer = await site.UploadAsync(
            "admin",
            "pw-admin",
            await Uploads.ExecAsync("hello", uuid, Site.Recorded, [("opam-switch", opamSwitch)])
        );
        Assert.Equal(System.Net.HttpStatusCode.Created, answer.StatusCode);
        return uuid;
    }

    private static string FileOf(Site site, byte[] content) => new DataDirectory(site.DataDirectory).OfArtifact(Sha256Digest.Of(content));
}
