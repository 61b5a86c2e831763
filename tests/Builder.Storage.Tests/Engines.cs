using Builder.Testing;

[assembly: AssemblyFixture(typeof(PostgreSqlServer))]

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
}
