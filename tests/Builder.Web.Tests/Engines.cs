using Builder.Storage.Database;
using Builder.Testing;

[assembly: AssemblyFixture(typeof(PostgreSqlServer))]

namespace Builder.Web.Tests;

/// <summary>The engines that a site can have. PostgreSQL may be absent on a developer's machine, not in CI.</summary>
internal static class Engines
{
    public static async Task<Site> EmptySiteAsync(DatabaseEngine engine)
    {
        if (engine == DatabaseEngine.Sqlite)
            return await Site.EmptyAsync();
        RequirePostgreSql();
        var server =
            await TestContext.Current.GetFixture<PostgreSqlServer>() ?? throw new InvalidOperationException("no PostgreSQL fixture");
        var connection = await server.CreateDatabaseAsync(TestContext.Current.CancellationToken);
        return await Site.EmptyAsync(options => options with { ConnectionString = connection });
    }

    /// <summary>Skips the test where it is not installed.</summary>
    public static void RequirePostgreSql()
    {
        Requirement.PostgreSql();
    }
}
