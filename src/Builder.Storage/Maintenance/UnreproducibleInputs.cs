using System.Runtime.CompilerServices;
using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Database;

namespace Builder.Storage.Maintenance;

/// <summary>Finds the inputs whose builds have different main binaries: what pages call "not reproducible".</summary>
public sealed class UnreproducibleInputs(BuilderDatabase database)
{
    /// <summary>
    /// Input by input, sorted by job and by the input's id. Failed builds, and builds whose inputs were not recorded, say nothing. A repetition counts for
    /// the input of the build that it repeats, whatever its own is: a varied environment is another one.
    /// </summary>
    /// <param name="jobs">Only these; all where empty.</param>
    public async IAsyncEnumerable<UnreproducibleInput> ListAsync(
        IReadOnlyCollection<JobName> jobs,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var wanted = jobs.Select(job => job.Value).ToHashSet(StringComparer.Ordinal);
        UnreproducibleInput? current = null;
        var builds = new List<DivergingBuild>();
        await using var session = await database.OpenReadAsync(cancellationToken);
        await foreach (var (job, input, build) in StreamAsync(session, cancellationToken))
        {
            if (wanted.Count > 0 && !wanted.Contains(job))
                continue;
            if (current is null || current.Job != job || current.Input != input)
            {
                if (current is not null)
                    yield return current;
                builds = [];
                current = new UnreproducibleInput(job, input, builds);
            }
            builds.Add(build);
        }
        if (current is not null)
            yield return current;
    }

    private static IAsyncEnumerable<(string Job, Sha256Digest Input, DivergingBuild Build)> StreamAsync(
        DatabaseSession session,
        CancellationToken cancellationToken
    ) =>
        session.StreamAsync(
            """
            WITH diverging AS (
                SELECT job, input_id
                FROM build
                WHERE input_id IS NOT NULL AND main_sha256 IS NOT NULL
                GROUP BY job, input_id
                HAVING COUNT(DISTINCT main_sha256) > 1
                UNION
                SELECT original.job, original.input_id
                FROM repetition
                JOIN build AS original ON original.uuid = repetition.repeats AND original.job = repetition.job
                WHERE repetition.output <> repetition.repeated AND original.input_id IS NOT NULL),
            listed AS (
                SELECT diverging.job, diverging.input_id, build.id
                FROM diverging
                JOIN build ON build.job = diverging.job AND build.input_id = diverging.input_id
                UNION
                SELECT diverging.job, diverging.input_id, build.id
                FROM diverging
                JOIN build AS original ON original.job = diverging.job AND original.input_id = diverging.input_id
                JOIN repetition ON repetition.repeats = original.uuid
                JOIN build ON build.uuid = repetition.build_uuid AND build.job = diverging.job)
            SELECT job.name, listed.input_id, build.uuid, build.platform, build.start_d, build.start_ps,
                build_artifact.filepath, build_artifact.sha256, build_artifact.size
            FROM listed
            JOIN build ON build.id = listed.id
            JOIN job ON job.id = build.job
            JOIN build_artifact ON build_artifact.id = build.main_binary
            ORDER BY job.name, listed.input_id, build.start_d, build.start_ps, build.id
            """,
            static row =>
                (
                    row.Text(0),
                    row.Digest(1),
                    new DivergingBuild(row.Uuid(2), row.Text(3), row.Timestamp(4), row.Text(6), row.Digest(7), row.Integer(8))
                ),
            cancellationToken
        );
}
