using System.Net;
using System.Security.Cryptography;
using Builder.Protocol.Values;

namespace Builder.Web.Tests;

/// <summary>A stored file that is not what its hash says never looks like the file that was asked for.</summary>
public sealed class DamagedFileTests
{
    private const int Mebibyte = 1 << 20;

    private static readonly BuildUuid Uuid = BuildUuid.Parse("0b7a53a2-2a3a-4d43-8a0c-5a2fcae2e0d1");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("f/bin/app")]
    [InlineData("all.tar.gz")]
    [InlineData("exec")]
    public async Task A_damaged_file_is_not_sent_and_the_page_of_its_build_the_activity_and_the_health_say_so(string part)
    {
        await using var site = await Site.EmptyAsync(static options => options with { MetricsPort = 0 });
        var content = await BuildAsync(site, length: 100_000);
        Assert.DoesNotContain("damaged", await site.Http.GetStringAsync($"/job/app/build/{Uuid}", Cancellation), StringComparison.Ordinal);
        Flip(site, content, 50_000);

        await Assert.ThrowsAsync<HttpRequestException>(() => site.Http.GetByteArrayAsync($"/job/app/build/{Uuid}/{part}", Cancellation));

        Assert.Contains(
            "damaged and not served",
            await site.Http.GetStringAsync($"/job/app/build/{Uuid}", Cancellation),
            StringComparison.Ordinal
        );
        Assert.Contains("1 stored file is damaged", await site.Http.GetStringAsync("/activity", Cancellation), StringComparison.Ordinal);
        using var operations = new HttpClient { BaseAddress = site.Web.OperationsAddress };
        Assert.Contains(
            "1 stored contents are damaged",
            await operations.GetStringAsync("/health", Cancellation),
            StringComparison.Ordinal
        );
        using var direct = await site.Http.GetAsync($"/job/app/build/{Uuid}/f/bin/app", Cancellation);
        Assert.Equal(HttpStatusCode.InternalServerError, direct.StatusCode);
        Assert.Contains("is damaged, so it is not sent", await direct.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);

        Flip(site, content, 50_000);
        Assert.Equal(content, await site.Http.GetByteArrayAsync($"/job/app/build/{Uuid}/f/bin/app", Cancellation));
        Assert.DoesNotContain("damaged", await site.Http.GetStringAsync($"/job/app/build/{Uuid}", Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_transfer_that_meets_damage_on_its_way_breaks_off()
    {
        await using var site = await Site.EmptyAsync();
        var content = await BuildAsync(site, length: 20 * Mebibyte);
        Assert.Equal(content, await site.Http.GetByteArrayAsync($"/job/app/build/{Uuid}/f/bin/app", Cancellation));
        Flip(site, content, 15 * Mebibyte);
        using var answer = await site.Http.GetAsync(
            $"/job/app/build/{Uuid}/f/bin/app",
            HttpCompletionOption.ResponseHeadersRead,
            Cancellation
        );
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await using var body = await answer.Content.ReadAsStreamAsync(Cancellation);
        var received = new MemoryStream();

        await Assert.ThrowsAnyAsync<Exception>(() => body.CopyToAsync(received, Cancellation));

        Assert.True(received.Length <= 15 * Mebibyte);
        Assert.Equal(content.AsSpan(0, (int)received.Length), received.GetBuffer().AsSpan(0, (int)received.Length));
    }

    [Fact]
    public async Task A_range_beside_the_damage_is_sent_and_one_over_it_is_not()
    {
        await using var site = await Site.EmptyAsync();
        var content = await BuildAsync(site, length: 3 * Mebibyte);
        await site.Http.GetByteArrayAsync($"/job/app/build/{Uuid}/f/bin/app", Cancellation);
        Flip(site, content, Mebibyte + 5);

        Assert.Equal(content[..10], await RangeAsync(site, 0, 9));
        await Assert.ThrowsAnyAsync<Exception>(() => RangeAsync(site, Mebibyte, Mebibyte));
    }

    private static async Task<byte[]> RangeAsync(Site site, long from, long to)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/job/app/build/{Uuid}/f/bin/app");
        request.Headers.Range = new System.Net.Http.Headers.RangeHeaderValue(from, to);
        using var answer = await site.Http.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        return await answer.Content.ReadAsByteArrayAsync(Cancellation);
    }

    private static async Task<byte[]> BuildAsync(Site site, int length)
    {
        await site.AddUsersAsync();
        var content = new byte[length];
        new Random(length).NextBytes(content);
        using var answer = await site.UploadAsync(
            "admin",
            "pw-admin",
            await Uploads.ExecAsync("app", Uuid, Site.Recorded, [("bin/app", content)])
        );
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return content;
    }

    private static void Flip(Site site, byte[] content, long offset)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(content));
        using var file = new FileStream(
            Path.Combine(site.DataDirectory, "_artifacts", hash[..2], hash),
            FileMode.Open,
            FileAccess.ReadWrite
        );
        file.Position = offset;
        var value = file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)(value ^ 1));
    }
}
