using System.Net;
using System.Net.Http.Headers;
using Builder.Web.Tests.Rebuilders;

namespace Builder.Web.Tests.Objects;

/// <summary>Downloads of a site whose artifacts are in a bucket.</summary>
public sealed class BucketSiteTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Artifacts_stream_through_whole_in_ranges_and_with_their_tag()
    {
        var bucket = await Engines.NewBucketAsync();
        await using var site = await Site.EmptyAsync(options => options with { Objects = bucket });
        await site.AddUsersAsync();
        var content = new byte[5_000_000];
        new Random(1).NextBytes(content);
        var address = await UploadBinaryAsync(site, content);

        Assert.Equal(content, await site.Http.GetByteArrayAsync(address, Stop));
        using var range = await GetAsync(site, address, request => request.Headers.Range = new RangeHeaderValue(3_000_000, 3_000_099));
        Assert.Equal(HttpStatusCode.PartialContent, range.StatusCode);
        Assert.Equal(content[3_000_000..3_000_100], await range.Content.ReadAsByteArrayAsync(Stop));
        using var behind = await GetAsync(site, address, request => request.Headers.Range = new RangeHeaderValue(5_000_000, null));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, behind.StatusCode);
        using var known = await GetAsync(site, address, request => request.Headers.IfNoneMatch.Add(range.Headers.ETag!));
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        Assert.False(
            Directory.Exists(Path.Combine(site.DataDirectory, "_artifacts"))
                && Directory.EnumerateFiles(Path.Combine(site.DataDirectory, "_artifacts"), "*", SearchOption.AllDirectories).Any()
        );
    }

    [Fact]
    public async Task Redirects_lead_to_the_bucket_and_never_for_what_is_withheld()
    {
        var bucket = await Engines.NewBucketAsync();
        await using var site = await Site.EmptyAsync(options => options with { Objects = bucket, RedirectsDownloads = true });
        await site.AddUsersAsync();
        foreach (var (_, exec) in Uploads.All)
            (await site.UploadAsync("admin", "pw-admin", exec)).Dispose();
        var address = Rebuilding.Page + "/f/bin/hello.hvt";

        using var redirect = await site.Http.GetAsync(address, Stop);
        Assert.Equal(HttpStatusCode.TemporaryRedirect, redirect.StatusCode);
        Assert.True(redirect.Headers.CacheControl!.NoStore);
        Assert.Equal(bucket.Address.Endpoint.Authority, redirect.Headers.Location!.Authority);
        using var plain = new HttpClient();
        using var content = await plain.GetAsync(redirect.Headers.Location, Stop);
        Assert.Equal(HttpStatusCode.OK, content.StatusCode);
        Assert.Equal("attachment", content.Content.Headers.ContentDisposition?.DispositionType);
        using var head = await site.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, address), Stop);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        using var known = await GetAsync(site, address, request => request.Headers.IfNoneMatch.Add(redirect.Headers.ETag!));
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);

        await Rebuilding.WithholdAsync(site);
        using var withheld = await site.Http.GetAsync(address, Stop);
        Assert.Equal(HttpStatusCode.Forbidden, withheld.StatusCode);
        using var input = await site.Http.GetAsync(Rebuilding.Page + "/f/opam-switch", Stop);
        Assert.Equal(HttpStatusCode.OK, input.StatusCode);
    }

    internal static async Task<string> UploadBinaryAsync(Site site, byte[] content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/job/large/platform/debian-12/upload")
        {
            Content = new ByteArrayContent(content),
            Headers = { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String("admin:pw-admin"u8)) },
        };
        using var answer = await site.Http.SendAsync(request, Stop);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync(Stop));
        return answer.Headers.Location!.OriginalString + "/f/bin/large.bin";
    }

    private static async Task<HttpResponseMessage> GetAsync(Site site, string address, Action<HttpRequestMessage> change)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        change(request);
        return await site.Http.SendAsync(request, Stop);
    }
}
