using System.Security.Cryptography;
using Builder.Objects.Transfer;
using Builder.Testing;

namespace Builder.Objects.Tests;

/// <summary>An object store that dies, stalls or loses connections in the middle.</summary>
public sealed class FaultTests(CephServer server) : IClassFixture<CephServer>, IAsyncLifetime
{
    private static readonly ObjectClientOptions Impatient = Store.Hurried with { IdleTimeout = TimeSpan.FromSeconds(1), Attempts = 2 };

    private readonly TemporaryDirectory directory = new();
    private readonly byte[] content = RandomNumberGenerator.GetBytes(12_000_000);

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Requirement.Ceph();
        await server.StartAsync(CancellationToken);
        await File.WriteAllBytesAsync(directory["file"], content, CancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        directory.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_connection_that_is_cut_in_mid_upload_costs_a_retry_and_nothing_is_half_there()
    {
        await using var proxy = new CuttingProxy(server.Endpoint, cuts: 2, afterSent: 3_000_000);
        using var client = await ClientAsync(Store.Hurried, proxy.Address);
        await PutAsync(client, "cut");
        Assert.Equal(Hash(content), await HashAsync(client, "cut"));
        Assert.True(proxy.Connections >= 3, $"{proxy.Connections} connections");
    }

    [Fact]
    public async Task A_lost_answer_costs_a_retry_and_the_object_is_there_once()
    {
        await using var proxy = new CuttingProxy(server.Endpoint, cuts: 0, afterReceived: 40);
        using var client = await ClientAsync(Store.Hurried, proxy.Address);
        proxy.Cut(1);
        await client.PutBytesAsync("small", "content"u8.ToArray(), replaces: false, CancellationToken);
        await using var download = await client.GetAsync("small", CancellationToken);
        Assert.Equal("content", await new StreamReader(download!.Content).ReadToEndAsync(CancellationToken));
    }

    [Fact]
    public async Task A_download_that_is_cut_ends_with_an_error_and_never_short()
    {
        await using var proxy = new CuttingProxy(server.Endpoint, cuts: 0, afterReceived: 2_000_000);
        using var client = await ClientAsync(Store.Hurried, proxy.Address);
        await PutAsync(client, "one");
        proxy.Cut(1);
        await using var download = await client.GetAsync("one", CancellationToken);
        var failure = await Assert.ThrowsAsync<ObjectStoreException>(() => download!.Content.CopyToAsync(Stream.Null, CancellationToken));
        Assert.Equal(ObjectStoreFault.Unreachable, failure.Fault);
    }

    [Fact]
    public async Task A_store_that_was_killed_is_unreachable_and_has_all_that_it_confirmed_when_it_is_back()
    {
        using var client = await ClientAsync(Store.Hurried);
        using var impatient = Store.Client(client.Address, server.Key, Impatient);
        await PutAsync(client, "before");
        await server.KillGatewayAsync();
        var failure = await Assert.ThrowsAsync<ObjectStoreException>(() => PutAsync(impatient, "after"));
        Assert.Equal(ObjectStoreFault.Unreachable, failure.Fault);
        await server.StartGatewayAsync(CancellationToken);
        Assert.Equal(Hash(content), await HashAsync(client, "before"));
        Assert.Null(await client.HeadAsync("after", CancellationToken));
        await PutAsync(client, "after");
        Assert.Equal(Hash(content), await HashAsync(client, "after"));
    }

    [Fact]
    public async Task A_store_that_says_nothing_is_given_up_and_used_again_when_it_goes_on()
    {
        using var client = await ClientAsync(Store.Hurried);
        using var impatient = Store.Client(client.Address, server.Key, Impatient);
        await PutAsync(client, "before");
        server.PauseGateway();
        try
        {
            var writing = await Assert.ThrowsAsync<ObjectStoreException>(() => PutAsync(impatient, "during"));
            Assert.Equal(ObjectStoreFault.TimedOut, writing.Fault);
            var reading = await Assert.ThrowsAsync<ObjectStoreException>(() => impatient.HeadAsync("before", CancellationToken));
            Assert.Equal(ObjectStoreFault.TimedOut, reading.Fault);
        }
        finally
        {
            server.ResumeGateway();
        }
        await PutAsync(client, "during");
        Assert.Equal(Hash(content), await HashAsync(client, "during"));
    }

    private async Task<ObjectClient> ClientAsync(ObjectClientOptions options, Uri? endpoint = null)
    {
        var address = Store.Parse(await server.CreateBucketAsync(CancellationToken));
        return Store.Client(address with { Endpoint = endpoint ?? address.Endpoint }, server.Key, options);
    }

    private Task<PutOutcome> PutAsync(ObjectClient client, string key) =>
        client.PutFileAsync(key, directory["file"], Hash(content), replaces: false, CancellationToken);

    private static async Task<string> HashAsync(ObjectClient client, string key)
    {
        await using var download = await client.GetAsync(key, CancellationToken);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(download!.Content, CancellationToken));
    }

    private static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
