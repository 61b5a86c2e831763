using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Repetitions;
using Builder.Storage.Sweeping;

namespace Builder.Storage.Maintenance;

/// <summary>
/// Removes builds and keeps what they were. Rows go first, in small transactions that let uploads in between; files follow only once the
/// rows are gone for good, and the list of those still to go survives a crash.
/// </summary>
public sealed class BuildRemoval(BuilderStorage storage, TimeProvider clock)
{
    private const int BuildsPerTransaction = 20;

    /// <summary>What would be removed, by job, platform and start.</summary>
    public async Task<IReadOnlyList<RemovableBuild>> SelectAsync(RemovalSelection selection, CancellationToken cancellationToken)
    {
        var (condition, parameters) = Condition(selection);
        // Where one platform is asked for, only its builds count, however the counts go.
        var group = selection is { CountsAsOriginal: true, Platform: null } ? "build.job" : "build.job, build.platform";
        await using var session = await storage.Database.OpenReadAsync(cancellationToken);
        var builds = await session.QueryAsync(
            $"""
            SELECT id, name, uuid, platform, start_d, start_ps, main_binary
            FROM (
                SELECT build.id, job.name, build.uuid, build.platform, build.start_d, build.start_ps, build.main_binary,
                    ROW_NUMBER() OVER newest AS place,
                    COUNT(build.main_binary) OVER (newest ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS newer_successes
                FROM build
                JOIN job ON job.id = build.job
                WINDOW newest AS (PARTITION BY {group} ORDER BY {StartLimit.NewestFirst()}, build.id DESC)
            ) AS placed
            WHERE {condition}
            ORDER BY name, platform, start_d, start_ps, id
            """,
            static row => new RemovableBuild(row.BuildId(0), row.Text(1), row.Uuid(2), row.Text(3), row.Timestamp(4), !row.IsNull(6)),
            cancellationToken,
            [.. parameters, .. StartLimit.At(Timestamp.From(clock.GetUtcNow())).Parameters]
        );
        var jobs = selection.Jobs.Select(job => job.Value).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. builds.Where(build =>
                (jobs.Count == 0 || jobs.Contains(build.Job)) && (selection.Platform is null || build.Platform == selection.Platform.Value)
            ),
        ];
    }

    /// <summary>Bytes of artifacts that only these builds have.</summary>
    public async Task<long> FreedBytesAsync(IReadOnlyList<RemovableBuild> builds, CancellationToken cancellationToken)
    {
        var removed = builds.Select(build => build.Id).ToHashSet();
        var total = 0L;
        var size = 0L;
        var isNeeded = true;
        Sha256Digest? current = null;
        await using var session = await storage.Database.OpenReadAsync(cancellationToken);
        var rows = session.StreamAsync(
            "SELECT sha256, size, build FROM build_artifact ORDER BY sha256",
            static row => (Digest: row.Digest(0), Size: row.Integer(1), Build: row.BuildId(2)),
            cancellationToken
        );
        await foreach (var row in rows)
        {
            if (row.Digest != current)
            {
                total += isNeeded ? 0 : size;
                (current, size, isNeeded) = (row.Digest, row.Size, false);
            }
            isNeeded |= !removed.Contains(row.Build);
        }
        return total + (isNeeded ? 0 : size);
    }

    /// <param name="progress">Told the number of builds removed so far.</param>
    public async Task RemoveAsync(IReadOnlyList<RemovableBuild> builds, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        var done = 0;
        foreach (var some in builds.Chunk(BuildsPerTransaction))
        {
            await storage.Database.WriteAsync(
                async session =>
                {
                    foreach (var build in some)
                        await RemoveRowsAsync(session, build, cancellationToken);
                },
                cancellationToken
            );
            await storage.Sweeper.SweepAsync(cancellationToken);
            done += some.Length;
            progress?.Report(done);
        }
    }

    public async Task<bool> JobExistsAsync(JobName job, CancellationToken cancellationToken)
    {
        await using var session = await storage.Database.OpenReadAsync(cancellationToken);
        return await session.AnyAsync("SELECT 1 FROM job WHERE name = @job", cancellationToken, ("@job", job));
    }

    /// <summary>Removes a job, with all its builds. False where there is none of the name.</summary>
    public async Task<bool> RemoveJobAsync(JobName job, CancellationToken cancellationToken)
    {
        await RemoveAsync(await SelectAsync(new RemovalSelection.Everything { Jobs = [job] }, cancellationToken), null, cancellationToken);
        var isRemoved = await storage.Database.WriteAsync(
            async session =>
            {
                const string row = "(SELECT id FROM job WHERE name = @job)";
                // Builds that came in since are removed with the rest.
                var late = await session.QueryAsync(
                    $"SELECT id, uuid, platform, start_d, start_ps, main_binary FROM build WHERE job = {row}",
                    one => new RemovableBuild(one.BuildId(0), job.Value, one.Uuid(1), one.Text(2), one.Timestamp(3), !one.IsNull(5)),
                    cancellationToken,
                    ("@job", job)
                );
                foreach (var build in late)
                    await RemoveRowsAsync(session, build, cancellationToken);
                await session.ExecuteAsync($"DELETE FROM access_list WHERE job = {row}", cancellationToken, ("@job", job));
                await session.ExecuteAsync($"DELETE FROM job_tag WHERE job = {row}", cancellationToken, ("@job", job));
                await RegressionRows.RemoveAsync(session, job, cancellationToken);
                return await session.ExecuteAsync("DELETE FROM job WHERE name = @job", cancellationToken, ("@job", job)) > 0;
            },
            cancellationToken
        );
        await storage.Sweeper.SweepAsync(cancellationToken);
        return isRemoved;
    }

    private static (string Condition, SqlParameter[] Parameters) Condition(RemovalSelection selection) =>
        selection switch
        {
            RemovalSelection.OlderThan(var moment) => (
                "start_d < @d OR (start_d = @d AND start_ps < @ps)",
                [("@d", moment.Days), ("@ps", moment.PicosecondsOfDay)]
            ),
            RemovalSelection.ExceptLatest(var count) => ("place > @count", [("@count", count)]),
            // The original removes what is older than the success after the newest so many, and keeps that one too.
            RemovalSelection.ExceptLatestSuccessful(var count) => (
                selection.CountsAsOriginal ? "newer_successes > @count" : "newer_successes >= @count",
                [("@count", count)]
            ),
            RemovalSelection.Everything => ("1 = 1", []),
            _ => throw new ArgumentOutOfRangeException(nameof(selection), selection, "unknown selection"),
        };

    private async Task RemoveRowsAsync(DatabaseSession session, RemovableBuild build, CancellationToken cancellationToken)
    {
        // Another process may have removed it since, and the same build been uploaded again: that one has files here, which must stay.
        if (!await session.AnyAsync("SELECT 1 FROM build WHERE id = @build", cancellationToken, ("@build", build.Id)))
            return;
        await RememberAsync(session, build, cancellationToken);
        var digests = await session.QueryAsync(
            "SELECT DISTINCT sha256 FROM build_artifact WHERE build = @build",
            static row => row.Digest(0),
            cancellationToken,
            ("@build", build.Id)
        );
        await session.ExecuteAsync(
            "UPDATE build SET main_binary = NULL, main_sha256 = NULL WHERE id = @build",
            cancellationToken,
            ("@build", build.Id)
        );
        await session.ExecuteAsync("DELETE FROM build_artifact WHERE build = @build", cancellationToken, ("@build", build.Id));
        await RepetitionRows.RemoveAsync(session, build.Uuid, cancellationToken);
        await session.ExecuteAsync("DELETE FROM failure WHERE build = @build", cancellationToken, ("@build", build.Id));
        await session.ExecuteAsync("DELETE FROM build WHERE id = @build", cancellationToken, ("@build", build.Id));
        await FileSweeper.NoteAsync(session, $"{build.Job}/{build.Uuid}", digests, cancellationToken);
    }

    private async Task RememberAsync(DatabaseSession session, RemovableBuild build, CancellationToken cancellationToken)
    {
        var now = Timestamp.Now(clock);
        await session.ExecuteAsync(
            """
            INSERT INTO removed_build (uuid, job, platform, start_d, start_ps, finish_d, finish_ps,
                result_kind, result_number, result_msg, main_binary, input_id, removed_d, removed_ps)
            SELECT build.uuid, job.name, build.platform, build.start_d, build.start_ps, build.finish_d, build.finish_ps,
                build.result_kind, build.result_number, build.result_msg, build_artifact.filepath, build.input_id, @removed_d, @removed_ps
            FROM build
            JOIN job ON job.id = build.job
            LEFT JOIN build_artifact ON build_artifact.id = build.main_binary
            WHERE build.id = @build
            """,
            cancellationToken,
            ("@removed_d", now.Days),
            ("@removed_ps", now.PicosecondsOfDay),
            ("@build", build.Id)
        );
        await session.ExecuteAsync(
            """
            INSERT INTO removed_artifact (removed_build, filepath, sha256, size)
            SELECT removed_build.id, build_artifact.filepath, build_artifact.sha256, build_artifact.size
            FROM build_artifact
            JOIN build ON build.id = build_artifact.build
            JOIN removed_build ON removed_build.uuid = build.uuid
            WHERE build.id = @build
            """,
            cancellationToken,
            ("@build", build.Id)
        );
    }
}
