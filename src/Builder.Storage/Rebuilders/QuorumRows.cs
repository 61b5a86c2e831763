using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Values;

namespace Builder.Storage.Rebuilders;

/// <summary>Who vouches for builds, and which of them are withheld until enough do.</summary>
public static class QuorumRows
{
    /// <summary>Null where there is no such build, or it left no main binary.</summary>
    public static async Task<Quorum?> OfBuildAsync(DatabaseSession session, BuildUuid build, CancellationToken cancellationToken)
    {
        if (
            await session.QueryFirstAsync(
                """
                SELECT build.job, build.input_id, build.main_sha256, rule.others, rule.independent
                FROM build
                JOIN job ON job.id = build.job
                LEFT JOIN publish_rule AS rule ON rule.job = job.name AND rule.after_build < build.id
                WHERE build.uuid = @uuid
                """,
                Read,
                cancellationToken,
                ("@uuid", build)
            )
            is not { Output: { } output } facts
        )
            return null;
        var said = facts.Input is { } input
            ? await RebuildRows.OfOutputAsync(session, facts.Job, input, output, cancellationToken)
            : await RebuildRows.OfBuildAsync(session, build, cancellationToken);
        return new Quorum(facts.Rule, said);
    }

    /// <summary>Which of the builds nobody may have yet.</summary>
    public static async Task<IReadOnlySet<BuildUuid>> WithheldAsync(
        DatabaseSession session,
        IEnumerable<BuildUuid> builds,
        CancellationToken cancellationToken
    )
    {
        var withheld = new HashSet<BuildUuid>();
        foreach (var piece in SqlValues.Pieces(builds.Select(static build => build.ToString()), none: ""))
        {
            var gated = await session.QueryAsync(
                $"""
                SELECT build.uuid
                FROM build
                JOIN job ON job.id = build.job
                JOIN publish_rule AS rule ON rule.job = job.name
                WHERE build.uuid IN ({SqlValues.List}) AND rule.independent = 1 AND rule.after_build < build.id
                """,
                static row => row.Uuid(0),
                cancellationToken,
                piece
            );
            foreach (var build in gated)
            {
                if (await OfBuildAsync(session, build, cancellationToken) is { IsWithheld: true })
                    withheld.Add(build);
            }
        }
        return withheld;
    }

    /// <summary>Changes with the rules and with the rebuilders whose word counts; not with what they say.</summary>
    public static async Task<string> StateAsync(DatabaseSession session, CancellationToken cancellationToken)
    {
        var rules = await PublishRuleRows.AllAsync(session, cancellationToken);
        var rebuilders = await RebuilderRows.AllAsync(session, cancellationToken);
        return string.Join(
            '\n',
            rules
                .Select(static rule => $"{rule.Key} {rule.Value.Others} {rule.Value.IsIndependent}")
                .Concat(rebuilders.Select(static one => $"{one.KeyId} {one.VoidFrom?.ToUnixTimeSeconds()}"))
        );
    }

    private static Facts? Read(Row row) =>
        new(
            row.JobId(0),
            row.DigestOrNull(1),
            row.DigestOrNull(2),
            row.IsNull(3) ? null : new StoredPublishRule((int)row.Integer(3), row.Integer(4) != 0)
        );

    private sealed record Facts(JobId Job, Sha256Digest? Input, Sha256Digest? Output, StoredPublishRule? Rule);
}
