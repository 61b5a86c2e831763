using Builder.Objects.Addresses;
using Builder.Objects.Credentials;
using Builder.Objects.Transfer;
using Builder.Testing;

[assembly: AssemblyFixture(typeof(CephServer))]

namespace Builder.Objects.Tests;

/// <summary>The object store that all tests of this project share, and clients of new buckets in it.</summary>
internal static class Store
{
    public static ObjectClientOptions Hurried { get; } = new() { FirstPause = TimeSpan.FromMilliseconds(20), PartSize = 5 << 20 };

    public static async Task<CephServer> ServerAsync()
    {
        Requirement.Ceph();
        var server = await TestContext.Current.GetFixture<CephServer>() ?? throw new InvalidOperationException("no Ceph fixture");
        await server.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <param name="prefix">Of all keys.</param>
    public static async Task<ObjectClient> ClientAsync(string prefix = "", ObjectClientOptions? options = null)
    {
        var server = await ServerAsync();
        var address = Parse(await server.CreateBucketAsync(TestContext.Current.CancellationToken));
        return Client(address with { Prefix = prefix }, server.Key, options);
    }

    public static ObjectClient Client(BucketAddress address, AccessKey key, ObjectClientOptions? options = null) =>
        new(address, new FixedKey(key), TimeProvider.System, options ?? Hurried);

    public static BucketAddress Parse(string text) =>
        BucketAddress.TryParse(text, static _ => null, out var address, out var reason) ? address : throw new ArgumentException(reason);

    public sealed record FixedKey(AccessKey Key) : IAccessKeys
    {
        public AccessKey Current() => Key;
    }
}
