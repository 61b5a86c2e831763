using Builder.Objects.Addresses;
using Builder.Objects.Credentials;
using Builder.Storage.Database;
using Builder.Storage.Files;
using Builder.Testing;

[assembly: AssemblyFixture(typeof(PostgreSqlServer))]
[assembly: AssemblyFixture(typeof(CephServer))]

namespace Builder.Web.Tests;

/// <summary>The engines that a site can have. PostgreSQL may be absent on a developer's machine, not in CI.</summary>
internal static class Engines
{
    public static async Task<Site> EmptySiteAsync(DatabaseEngine engine, bool objects = false)
    {
        if (engine == DatabaseEngine.Sqlite)
            return await Site.EmptyAsync();
        RequirePostgreSql();
        var server =
            await TestContext.Current.GetFixture<PostgreSqlServer>() ?? throw new InvalidOperationException("no PostgreSQL fixture");
        var connection = await server.CreateDatabaseAsync(TestContext.Current.CancellationToken);
        var bucket = objects || AreObjectsEverywhere ? await NewBucketAsync() : null;
        return await Site.EmptyAsync(options => options with { ConnectionString = connection, Objects = bucket });
    }

    /// <summary>Whether every test on PostgreSQL has a bucket too.</summary>
    private static bool AreObjectsEverywhere { get; } = Environment.GetEnvironmentVariable("BUILDER_TEST_OBJECTS") == "1";

    /// <summary>A new, empty bucket.</summary>
    public static async Task<ObjectStoreSettings> NewBucketAsync()
    {
        Requirement.Ceph();
        var server = await TestContext.Current.GetFixture<CephServer>() ?? throw new InvalidOperationException("no Ceph fixture");
        return Settings(await server.CreateBucketAsync(TestContext.Current.CancellationToken), server);
    }

    public static ObjectStoreSettings Settings(string address, CephServer server) =>
        BucketAddress.TryParse(address, static _ => null, out var bucket, out var reason)
            ? new ObjectStoreSettings(bucket, new ConfiguredAccessKeys(name => server.Environment.GetValueOrDefault(name)))
            : throw new InvalidOperationException(reason);

    /// <summary>Skips the test where it is not installed.</summary>
    public static void RequirePostgreSql()
    {
        Requirement.PostgreSql();
    }
}
