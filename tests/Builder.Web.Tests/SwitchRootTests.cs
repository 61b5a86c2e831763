using System.Net;
using System.Text;
using Builder.Protocol.Values;

namespace Builder.Web.Tests;

/// <summary>A switch with several root packages: all together, and each by its address.</summary>
public sealed class SwitchRootTests
{
    private static readonly byte[] Before = Switch("1.0", "1.0");
    private static readonly byte[] After = Switch("1.1", "2.0");

    [Fact]
    public async Task A_picture_shows_all_roots_with_a_link_to_each_and_each_alone_with_a_link_back()
    {
        await using var site = await Site.EmptyAsync();
        await site.AddUsersAsync();
        var address = $"/job/hello/build/{await StoreAsync(site, Before)}/vizdependencies";

        using var together = await site.Http.PageAsync(address);
        Assert.Equal(["?root=left", "?root=right%2Bx"], together.QuerySelectorAll("nav a").Select(link => link.GetAttribute("href")));
        Assert.Equal(["All together"], together.Texts("nav b"));
        using var alone = await site.Http.PageAsync(address + "?root=left");
        Assert.Equal(["?", "?root=right%2Bx"], alone.QuerySelectorAll("nav a").Select(link => link.GetAttribute("href")));
        Assert.Equal(["of-left", "left"], alone.Texts("table tbody td:first-child").OrderDescending());
        using var other = await site.Http.PageAsync(address + "?root=right%2Bx");
        Assert.Equal(["right+x", "of-right"], other.Texts("table tbody td:first-child").OrderDescending());

        // What one root shows is not kept for all.
        using var again = await site.Http.PageAsync(address);
        Assert.Equal(4, again.Texts("table tbody td:first-child").Count);
        using var unknown = await site.Http.GetAsync(
            new Uri(address + "?root=none", UriKind.Relative),
            TestContext.Current.CancellationToken
        );
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Contains(
            "no root package",
            await unknown.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_comparison_shows_all_roots_with_a_link_to_each_and_each_alone_with_a_link_back()
    {
        await using var site = await Site.EmptyAsync();
        await site.AddUsersAsync();
        var address = $"/compare/{await StoreAsync(site, Before)}/{await StoreAsync(site, After)}";

        using var together = await site.Http.PageAsync(address);
        Assert.Equal(
            [$"{address}?root=left", $"{address}?root=right%2Bx"],
            together.QuerySelectorAll("#roots a").Select(link => link.GetAttribute("href"))
        );
        Assert.NotNull(together.QuerySelector("#package-of-left"));
        Assert.NotNull(together.QuerySelector("#package-of-right"));
        using var alone = await site.Http.PageAsync(address + "?root=left");
        Assert.NotNull(alone.QuerySelector("#package-of-left"));
        Assert.Null(alone.QuerySelector("#package-of-right"));
        Assert.Contains(
            alone.QuerySelectorAll("p.note a"),
            link => link.GetAttribute("href") == address && link.TextContent == "All together"
        );
        using var unknown = await site.Http.PageAsync(address + "?root=none");
        Assert.Contains("no root package", unknown.Body!.TextContent, StringComparison.Ordinal);
    }

    /// <summary>Roots "left" and "right+x", with a dependency each.</summary>
    private static byte[] Switch(string ofLeft, string ofRight) =>
        Encoding.ASCII.GetBytes(
            $$"""
            opam-version: "2.0"
            roots: ["left.1" "right+x.1"]
            installed: ["left.1" "right+x.1" "of-left.{{ofLeft}}" "of-right.{{ofRight}}"]
            package "left" { version: "1" depends: ["of-left"] }
            package "right+x" { version: "1" depends: ["of-right"] }
            package "of-left" { version: "{{ofLeft}}" }
            package "of-right" { version: "{{ofRight}}" }

            """
        );

    private static async Task<BuildUuid> StoreAsync(Site site, byte[] opamSwitch)
    {
        var uuid = BuildUuid.NewRandom();
        using var answer = await site.UploadAsync(
            "admin",
            "pw-admin",
            await Uploads.ExecAsync("hello", uuid, Site.Recorded, [("opam-switch", opamSwitch)])
        );
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return uuid;
    }
}
