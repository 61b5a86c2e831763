using Builder.Storage.Database;

namespace Builder.Storage.Budgets;

/// <summary>
/// Budgets of jobs. No part of the schema's version: made when it is missing, dropped on the way back to 18, and pulled from the build server again.
/// </summary>
internal static class BudgetTable
{
    public const string Drop = "DROP TABLE IF EXISTS job_budget;";

    public static async Task EnsureAsync(BuilderDatabase database, CancellationToken cancellationToken)
    {
        await using (var session = await database.OpenReadAsync(cancellationToken))
        {
            if (
                await session.AnyAsync(
                    session.Engine == DatabaseEngine.Sqlite
                        ? "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'job_budget'"
                        : "SELECT 1 FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'job_budget'",
                    cancellationToken
                )
            )
                return;
        }
        await database.WriteQuietlyAsync(
            session =>
                session.ExecuteAsync(
                    """
                    CREATE TABLE IF NOT EXISTS job_budget (
                        job TEXT NOT NULL PRIMARY KEY, -- its name: a schedule may have jobs without builds
                        size BIGINT,
                        growth BIGINT, -- in thousandths
                        seconds BIGINT
                    )
                    """,
                    cancellationToken
                ),
            cancellationToken
        );
    }
}
