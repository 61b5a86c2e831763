using System.Net;
using Builder.Objects.Transfer;
using Builder.Testing;

namespace Builder.Web.Tests.Objects;

/// <summary>An object store that is killed, stalls, or has no such bucket, under a site that goes on.</summary>
public sealed class ObjectStoreTroubleTests(CephServer ceph) : IClassFixture<CephServer>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static readonly ObjectClientOptions Impatient = new()
    {
        IdleTimeout = TimeSpan.FromSeconds(3),
        Attempts = 2,
        FirstPause = TimeSpan.FromMilliseconds(50),
    };

    [Theory]
    [InlineData("kill")]
    [InlineData("stop")]
    [InlineData("cut")]
    public async Task An_upload_is_refused_with_a_time_to_come_back_and_stored_whole_when_the_store_is_back(string fault)
    {
        Requirement.Ceph();
        var address = await ceph.CreateBucketAsync(Stop);
        await using var proxy = new CuttingProxy(ceph.Endpoint, cuts: 0, afterSent: 10_000);
        var settings = Engines.Settings(address, ceph);
        await using var site = await Site.EmptyAsync(options =>
            options with
            {
                Objects = settings with { Client = Impatient, Address = settings.Address with { Endpoint = proxy.Address } },
                ShowsHealth = true,
            }
        );
        await site.AddUsersAsync();
        var exec = Uploads.Exec("hello-d1");
        if (fault == "kill")
            await ceph.KillGatewayAsync();
        else if (fault == "stop")
            ceph.PauseGateway();
        else
            proxy.Cut(1_000_000);

        using (var refused = await site.UploadAsync("admin", "pw-admin", exec))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter?.Delta);
            var said = await refused.Content.ReadAsStringAsync(Stop);
            Assert.Contains("object store", said, StringComparison.Ordinal);
            Assert.DoesNotContain(ceph.Key.Secret, said, StringComparison.Ordinal);
        }
        using (var jobs = await site.Http.GetAsync("/all-builds", Stop))
            Assert.Equal(HttpStatusCode.OK, jobs.StatusCode);
        if (fault != "cut")
        {
            using var health = await site.Http.GetAsync("/health", Stop);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
            Assert.Contains("object store", await health.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        }

        if (fault == "kill")
            await ceph.StartGatewayAsync(Stop);
        else if (fault == "stop")
            ceph.ResumeGateway();
        else
            proxy.Cut(0);
        using var stored = await site.UploadAsync("admin", "pw-admin", exec);
        Assert.True(stored.StatusCode == HttpStatusCode.Created, await stored.Content.ReadAsStringAsync(Stop));
        Assert.Equal(exec, await site.Http.GetByteArrayAsync(stored.Headers.Location!.OriginalString + "/exec", Stop));
        using var well = await site.Http.GetAsync("/health", Stop);
        Assert.True(well.IsSuccessStatusCode, await well.Content.ReadAsStringAsync(Stop));
    }

    [Fact]
    public async Task A_site_without_its_bucket_starts_and_says_so()
    {
        Requirement.Ceph();
        var settings = Engines.Settings(await ceph.CreateBucketAsync(Stop), ceph);
        await using var site = await Site.EmptyAsync(options =>
            options with
            {
                Objects = settings with { Client = Impatient, Address = settings.Address with { Bucket = "not-there" } },
                ShowsHealth = true,
            }
        );
        await site.AddUsersAsync();
        using var health = await site.Http.GetAsync("/health", Stop);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Contains("has no bucket \"not-there\": create it", await health.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        using var home = await site.Http.GetAsync("/", Stop);
        Assert.Equal(HttpStatusCode.OK, home.StatusCode);
        using var refused = await site.UploadAsync("admin", "pw-admin", Uploads.Exec("noswitch"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
    }
}
