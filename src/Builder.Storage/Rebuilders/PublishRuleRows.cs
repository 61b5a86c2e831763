using Builder.Storage.Database;

namespace Builder.Storage.Rebuilders;

/// <summary>What the build server's schedule says about packages that wait for others. Kept so that they wait while the server is away.</summary>
public static class PublishRuleRows
{
    /// <summary>Null where packages of the job go out as the repository says.</summary>
    public static Task<StoredPublishRule?> OfJobAsync(DatabaseSession session, string job, CancellationToken cancellationToken) =>
        session.QueryFirstAsync("SELECT others, independent FROM publish_rule WHERE job = @job", Read, cancellationToken, ("@job", job));

    /// <summary>By job.</summary>
    public static async Task<IReadOnlyDictionary<string, StoredPublishRule>> AllAsync(
        DatabaseSession session,
        CancellationToken cancellationToken
    ) =>
        (
            await session.QueryAsync(
                "SELECT others, independent, job FROM publish_rule ORDER BY job",
                static row => (Rule: Read(row), Job: row.Text(2)),
                cancellationToken
            )
        ).ToDictionary(static row => row.Job, static row => row.Rule, StringComparer.Ordinal);

    /// <summary>Takes the schedule's word for all jobs. Writes nothing, and so changes no page, where all is known already.</summary>
    /// <returns>True where something changed.</returns>
    public static async Task<bool> ReplaceAsync(
        BuilderDatabase database,
        IReadOnlyDictionary<string, StoredPublishRule> rules,
        CancellationToken cancellationToken
    )
    {
        await using (var session = await database.OpenReadAsync(cancellationToken))
        {
            var known = await AllAsync(session, cancellationToken);
            if (known.Count == rules.Count && rules.All(rule => known.GetValueOrDefault(rule.Key) == rule.Value))
                return false;
        }
        await database.WriteAsync(
            async session =>
            {
                foreach (var job in (await AllAsync(session, cancellationToken)).Keys.Except(rules.Keys))
                    await session.ExecuteAsync("DELETE FROM publish_rule WHERE job = @job", cancellationToken, ("@job", job));
                foreach (var (job, rule) in rules)
                {
                    await session.ExecuteAsync(
                        """
                        INSERT INTO publish_rule (job, others, independent, after_build)
                        VALUES (@job, @others, @independent, (SELECT COALESCE(MAX(id), 0) FROM build))
                        ON CONFLICT (job) DO UPDATE SET others = @others, independent = @independent
                        """,
                        cancellationToken,
                        ("@job", job),
                        ("@others", (long)rule.Others),
                        ("@independent", rule.IsIndependent ? 1L : 0L)
                    );
                }
            },
            cancellationToken
        );
        return true;
    }

    private static StoredPublishRule Read(Row row) => new((int)row.Integer(0), row.Integer(1) != 0);
}
