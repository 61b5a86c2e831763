using Builder.Storage.Database;

namespace Builder.Storage.Budgets;

/// <summary>Reads and writes budgets. Kept so that pages say what is over budget while the build server is away.</summary>
public static class BudgetRows
{
    /// <summary>Null where the job has none.</summary>
    public static Task<StoredBudget?> OfJobAsync(DatabaseSession session, string job, CancellationToken cancellationToken) =>
        session.QueryFirstAsync(
            "SELECT size, growth, seconds FROM job_budget WHERE job = @job",
            static row => (StoredBudget?)Read(row),
            cancellationToken,
            ("@job", job)
        );

    /// <summary>By job.</summary>
    public static async Task<IReadOnlyDictionary<string, StoredBudget>> AllAsync(
        DatabaseSession session,
        CancellationToken cancellationToken
    ) =>
        (
            await session.QueryAsync(
                "SELECT size, growth, seconds, job FROM job_budget ORDER BY job",
                static row => (Budget: Read(row), Job: row.Text(3)),
                cancellationToken
            )
        ).ToDictionary(static row => row.Job, static row => row.Budget, StringComparer.Ordinal);

    /// <summary>Takes what the schedule says for all jobs. Writes nothing, and so changes no page, where all is known already.</summary>
    /// <returns>True where something changed.</returns>
    public static async Task<bool> ReplaceAsync(
        BuilderDatabase database,
        IReadOnlyDictionary<string, StoredBudget> budgets,
        CancellationToken cancellationToken
    )
    {
        await using (var session = await database.OpenReadAsync(cancellationToken))
        {
            var known = await AllAsync(session, cancellationToken);
            if (known.Count == budgets.Count && budgets.All(one => known.GetValueOrDefault(one.Key) == one.Value))
                return false;
        }
        await database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync("DELETE FROM job_budget", cancellationToken);
                foreach (var (job, budget) in budgets)
                {
                    await session.ExecuteAsync(
                        "INSERT INTO job_budget (job, size, growth, seconds) VALUES (@job, @size, @growth, @seconds)",
                        cancellationToken,
                        ("@job", job),
                        ("@size", budget.Size),
                        ("@growth", budget.GrowthPermille is { } growth ? (long?)growth : null),
                        ("@seconds", budget.Time is { } time ? (long?)time.TotalSeconds : null)
                    );
                }
            },
            cancellationToken
        );
        return true;
    }

    private static StoredBudget Read(Row row) =>
        new(row.IntegerOrNull(0), (int?)row.IntegerOrNull(1), row.IntegerOrNull(2) is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
}
