using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Builder.Storage.Tests.Database;

public sealed class PreparedPlanTests
{
    /// <summary>SQLITE_STMTSTATUS_REPREPARE.</summary>
    private const int Replanned = 5;

    [Fact]
    public async Task A_prepared_query_is_not_planned_again_for_each_value_of_its_limit()
    {
        using var folder = await DataFolder.NewestAsync();
        await using var database = await folder.OpenAsync();
        await using var session = await database.OpenReadAsync(TestContext.Current.CancellationToken);
        var connection = ((SqliteConnection)session.Connection).Handle!;
        connection.enable_sqlite3_next_stmt(true);
        for (var most = 1; most <= 3; most++)
            await session.QueryAsync(
                "SELECT name FROM job LIMIT @most",
                static row => row.Text(0),
                TestContext.Current.CancellationToken,
                ("@most", most)
            );

        var last = sqlite3_next_stmt(connection, null);
        Assert.Contains("@most", sqlite3_sql(last).utf8_to_string(), StringComparison.Ordinal);
        Assert.Equal(0, sqlite3_stmt_status(last, Replanned, 0));
    }
}
