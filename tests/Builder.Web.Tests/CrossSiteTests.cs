using System.Net;

namespace Builder.Web.Tests;

/// <summary>A page of another site cannot have a visitor's browser upload, although the browser would send the password along.</summary>
public sealed class CrossSiteTests
{
    [Theory]
    [InlineData(null, null, 201)]
    [InlineData("same-origin", null, 201)]
    [InlineData("none", null, 201)]
    [InlineData("same-origin", "https://other.example", 201)]
    [InlineData("cross-site", null, 403)]
    [InlineData("same-site", null, 403)]
    [InlineData("cross-site", "SITE", 403)]
    [InlineData("", null, 403)]
    [InlineData(null, "SITE", 201)]
    [InlineData(null, "https://evil.example", 403)]
    [InlineData(null, "http://127.0.0.1:1", 403)]
    [InlineData(null, "null", 403)]
    [InlineData(null, "", 403)]
    public async Task Only_a_page_of_this_site_or_a_program_may_send(string? relation, string? origin, int status)
    {
        await using var site = await Site.EmptyAsync();
        await site.AddUsersAsync();
        var here = site.Web.Address.GetLeftPart(UriPartial.Authority);
        using var answer = await SendAsync(site, HttpMethod.Post, "/upload", relation, origin == "SITE" ? here : origin);
        Assert.Equal(status, (int)answer.StatusCode);
        using var behindTls = await SendAsync(
            site,
            HttpMethod.Post,
            "/upload",
            relation,
            origin == "SITE" ? here.Replace("http:", "https:", StringComparison.Ordinal) : origin
        );
        Assert.Equal(status == 201 ? 409 : 403, (int)behindTls.StatusCode);
    }

    [Theory]
    [InlineData("https://builds.example.org", 201)]
    [InlineData("http://builds.example.org", 403)]
    [InlineData("https://builds.example.org:8443", 403)]
    [InlineData("https://evil.builds.example.org", 403)]
    public async Task Where_the_operator_names_the_sites_address_it_is_that_and_no_other(string origin, int status)
    {
        await using var site = await Site.EmptyAsync(options => options with { PublicUrl = new Uri("https://builds.example.org") });
        await site.AddUsersAsync();
        using var answer = await SendAsync(site, HttpMethod.Post, "/upload", relation: null, origin);
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Reading_goes_on_from_anywhere_and_every_other_method_is_asked()
    {
        await using var site = await Site.EmptyAsync();
        foreach (var method in (string[])["PUT", "DELETE", "PATCH", "POST"])
        {
            using var refused = await SendAsync(site, new HttpMethod(method), "/", "cross-site", origin: null);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }
        using var page = await SendAsync(site, HttpMethod.Get, "/", "cross-site", "https://evil.example");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    private static async Task<HttpResponseMessage> SendAsync(Site site, HttpMethod method, string address, string? relation, string? origin)
    {
        using var request = new HttpRequestMessage(method, address);
        if (method != HttpMethod.Get)
            request.Content = new ByteArrayContent(Uploads.Exec("noswitch"));
        request.Headers.TryAddWithoutValidation("Authorization", "Basic " + Convert.ToBase64String("admin:pw-admin"u8));
        if (relation is not null)
            request.Headers.TryAddWithoutValidation("Sec-Fetch-Site", relation);
        if (origin is not null)
            request.Headers.TryAddWithoutValidation("Origin", origin);
        return await site.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
