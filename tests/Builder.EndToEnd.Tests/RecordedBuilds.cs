using Microsoft.Data.Sqlite;

namespace Builder.EndToEnd.Tests;

/// <summary>What a site's database says, read beside the site.</summary>
internal static class RecordedBuilds
{
    /// <summary>How many builds of each job the web role has recorded.</summary>
    public static async Task<Dictionary<string, long>> InAsync(string webDirectory)
    {
        var source = new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(webDirectory, "builder.sqlite3"),
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = false,
        };
        await using var connection = new SqliteConnection(source.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT job.name, COUNT(*)
            FROM build
            JOIN job ON job.id = build.job
            GROUP BY job.name
            """;
        var builds = new Dictionary<string, long>();
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            builds[reader.GetString(0)] = reader.GetInt64(1);
        return builds;
    }
}
