using Builder.Objects.Addresses;
using Builder.Objects.Credentials;
using Builder.Storage.Files;
using Builder.Testing;

[assembly: AssemblyFixture(typeof(PostgreSqlServer))]
[assembly: AssemblyFixture(typeof(CephServer))]

namespace Builder.Storage.Tests;

/// <summary>The engines that tests run on. PostgreSQL may be absent on a developer's machine, not in CI.</summary>
internal static class Engines
{
    public static async Task<string> NewPostgreSqlAsync()
    {
        Requirement.PostgreSql();
        var server =
            await TestContext.Current.GetFixture<PostgreSqlServer>() ?? throw new InvalidOperationException("no PostgreSQL fixture");
        return await server.CreateDatabaseAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Whether every test on PostgreSQL has a bucket too.</summary>
    public static bool AreObjectsEverywhere { get; } = Environment.GetEnvironmentVariable("BUILDER_TEST_OBJECTS") == "1";

    /// <summary>Whether there is time for all of a test.</summary>
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("BUILDER_LONG_TESTS") == "1";

    /// <summary>A new, empty bucket.</summary>
    public static async Task<ObjectStoreSettings> NewBucketAsync()
    {
        var server = await CephAsync();
        return Settings(await server.CreateBucketAsync(TestContext.Current.CancellationToken), server);
    }

    public static ObjectStoreSettings Settings(string address, CephServer server) =>
        BucketAddress.TryParse(address, static _ => null, out var bucket, out var reason)
            ? new ObjectStoreSettings(bucket, new ConfiguredAccessKeys(name => server.Environment.GetValueOrDefault(name)))
            : throw new InvalidOperationException(reason);

    public static async Task<CephServer> CephAsync()
    {
        Requirement.Ceph();
        return await TestContext.Current.GetFixture<CephServer>() ?? throw new InvalidOperationException("no Ceph fixture");
    }
}
