using System.Collections.Concurrent;
using System.Diagnostics;
using Builder.Protocol.Der;
using Builder.Protocol.Messages;
using Builder.Protocol.Streaming;
using Builder.Protocol.Tracing;
using Builder.Protocol.Values;
using Builder.Storage.Accounts;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;
using Builder.Storage.Failures;
using Builder.Storage.Files;
using Builder.Storage.Outbox;
using Builder.Storage.Packing;
using Builder.Storage.Repetitions;
using Builder.Storage.Statements;
using Builder.Storage.Troubles;

namespace Builder.Storage.Ingestion;

/// <summary>
/// Takes uploads in: the bytes are staged and made durable without any lock; then one write transaction moves the files into place and adds
/// the rows. A journal in the staging directory lets the next start undo what a killed process moved.
/// </summary>
public sealed class UploadIngestor
{
    /// <summary>Of one upload to an object store.</summary>
    private const int RequestsAtOnce = 8;

    private readonly BuilderDatabase database;
    private readonly DataDirectory directory;
    private readonly IArtifactStore store;
    private readonly IBuildFiles buildFiles;
    private readonly DurableFiles files;
    private readonly Authenticator authenticator;
    private readonly TimeProvider clock;

    /// <summary>Uploads that failed and could not be undone. Their locks are kept, so that no other process takes them for those of a dead one.</summary>
    private readonly ConcurrentQueue<Staging> left = [];

    internal UploadIngestor(
        BuilderDatabase database,
        DataDirectory directory,
        IArtifactStore store,
        IBuildFiles buildFiles,
        DurableFiles files,
        Authenticator authenticator,
        TimeProvider clock
    )
    {
        this.database = database;
        this.directory = directory;
        this.store = store;
        this.buildFiles = buildFiles;
        this.files = files;
        this.authenticator = authenticator;
        this.clock = clock;
    }

    /// <param name="exec">The build as DER; read only as far as needed to know that it cannot be stored.</param>
    /// <param name="record">What a build server signed of it; kept where it is about this build.</param>
    /// <param name="repetition">Which build it repeats, as a build server says; null where it repeats none.</param>
    /// <param name="sender">The span of the upload at its sender; counts only where it is of the trace of this build.</param>
    public async Task<UploadResult> IngestAsync(
        Stream exec,
        User user,
        CancellationToken cancellationToken,
        UploadedRecord? record = null,
        RepetitionHeader? repetition = null,
        ActivityContext sender = default
    )
    {
        Activity? span = null;
        try
        {
            var reader = new ExecReader(exec, ExecLimits.Default);
            var head = await reader.ReadHeadAsync(cancellationToken);
            span = StartSpan(head.Uuid, sender);
            var result = await IngestAsync(reader, head, user, record, repetition, span, cancellationToken);
            if (result is not UploadResult.Stored)
                span.Fail(result.GetType().Name);
            return result;
        }
        catch (ProtocolException exception) when (exception.Reason is ProtocolErrorReason.Malformed or ProtocolErrorReason.TooLong)
        {
            span.Fail(exception.Message);
            return new UploadResult.Malformed(exception.Message);
        }
        catch (Exception exception)
        {
            span.Fail(exception.Message);
            throw;
        }
        finally
        {
            span?.Dispose();
        }
    }

    /// <summary>What its sender does not tell of, or tells of another build, is the first span of its trace.</summary>
    private static Activity? StartSpan(BuildUuid build, ActivityContext sender)
    {
        if (!BuildTrace.IsOn)
            return null;
        var trace = BuildTrace.IdOf(build);
        var parent = sender.TraceId == trace ? sender : new ActivityContext(trace, default, ActivityTraceFlags.Recorded);
        return BuildTrace.Start("ingest", parent, ActivityKind.Server);
    }

    private async Task<UploadResult> IngestAsync(
        ExecReader reader,
        ExecHead head,
        User user,
        UploadedRecord? record,
        RepetitionHeader? repetition,
        Activity? span,
        CancellationToken cancellationToken
    )
    {
        if (
            !JobName.TryParse(head.Job.Name, out var job, out var reason)
            || !Platform.TryParse(head.Job.Platform, out var platform, out reason)
        )
            return new UploadResult.Malformed(reason);
        span.Describe(head.Uuid, job, platform);
        if (!await authenticator.MayUploadAsync(user, job, cancellationToken))
            return new UploadResult.Forbidden(job);
        if (await ExistsAsync(head.Uuid, cancellationToken))
            return new UploadResult.AlreadyExists(job, head.Uuid);

        var staging = Staging.Create(directory, files);
        return await InStagingAsync(
            staging,
            async () =>
            {
                UploadedBuild build;
                using (BuildTrace.StartPart(span, "hash"))
                    build = await new UploadReader(staging, store, files).ReadAsync(reader, head, job, platform, cancellationToken);
                using var commit = span is null ? null : BuildTrace.Start(build.Uuid, BuildSpan.Commit, span.Context);
                await StagingJournal.WriteAsync(staging, build, files, cancellationToken);
                await PrepareAsync(staging, build, cancellationToken);
                return await StoreAsync(staging, build, user, record?.Build == build.Uuid ? record : null, repetition, cancellationToken);
            }
        );
    }

    /// <summary>Undoes what uploads that were cut off have left. For the start of a process; uploads under way elsewhere are left alone.</summary>
    public async Task CleanAsync(CancellationToken cancellationToken)
    {
        foreach (var abandoned in Staging.Abandoned(directory, files))
        {
            using (abandoned)
                await DiscardAsync(abandoned, cancellationToken);
        }
    }

    /// <summary>Undoes what uploads of this process could not undo, because the database or the disk failed. For the moment when it works again.</summary>
    public async Task CleanLeftAsync(CancellationToken cancellationToken)
    {
        for (var count = left.Count; count > 0 && left.TryDequeue(out var staging); count--)
        {
            try
            {
                await DiscardAsync(staging, cancellationToken);
            }
            catch
            {
                left.Enqueue(staging);
                throw;
            }
            staging.Dispose();
        }
    }

    private async Task<UploadResult> InStagingAsync(Staging staging, Func<Task<UploadResult>> work)
    {
        var isLeft = false;
        try
        {
            var result = await work();
            // Stored is stored, also where this can only be tidied up later.
            isLeft = !await TryDiscardAsync(staging, result is UploadResult.Stored, error: null);
            return result;
        }
        catch (Exception exception)
        {
            isLeft = !await TryDiscardAsync(staging, isStored: false, exception);
            throw;
        }
        finally
        {
            if (isLeft)
                left.Enqueue(staging);
            else
                staging.Dispose();
        }
    }

    /// <param name="error">What the upload failed with.</param>
    /// <returns>False where the disk or the database fails: to be done when it works again.</returns>
    private async Task<bool> TryDiscardAsync(Staging staging, bool isStored, Exception? error)
    {
        // Asking a database or object store that just failed would only keep the answer back.
        if (
            staging.MayHaveMoved
            && error is not null
            && StorageTrouble.Of(error) is { IsOfDatabase: true } or { Kind: TroubleKind.ObjectStore }
        )
            return false;
        try
        {
            if (isStored)
                await FinishAsync(staging);
            else
                await DiscardAsync(staging, CancellationToken.None);
            return true;
        }
        catch (Exception another) when (StorageTrouble.Of(another) is not null)
        {
            return false;
        }
        catch (Exception another) when (error is not null)
        {
            throw new AggregateException(
                $"The upload failed ({error.Message}), and so did undoing it, which the next start will do ({another.Message}).",
                error,
                another
            );
        }
    }

    private async Task<bool> ExistsAsync(BuildUuid uuid, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        return await BuildRows.ExistsAsync(session, uuid, cancellationToken);
    }

    private Task<UploadResult> StoreAsync(
        Staging staging,
        UploadedBuild build,
        User user,
        UploadedRecord? record,
        RepetitionHeader? repetition,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync<UploadResult>(
            async session =>
            {
                if (await BuildRows.ExistsAsync(session, build.Uuid, cancellationToken))
                    return new UploadResult.AlreadyExists(build.Job, build.Uuid);
                await PublishAsync(session, staging, build, cancellationToken);
                var (id, job) = await BuildRows.InsertAsync(session, build, user.Id, cancellationToken);
                await RepetitionRows.InsertAsync(session, build.Uuid, job, build.MainBinary?.Digest, repetition, cancellationToken);
                await RegressionRows.JudgeAsync(session, id, job, build.Platform, build.Tail.Finished, cancellationToken);
                if (record is not null)
                    await RecordRows.InsertAsync(session, build.Uuid, record.Envelope, cancellationToken);
                if (build.Kept.Any())
                    await AttestationTasks.AddAsync(session, build.Uuid, StatementKind.Provenance, cancellationToken);
                if (build.Failure is { } failure)
                    await FailureRows.InsertAsync(session, id, failure.Error, cancellationToken);
                await BuildEvents.AddAsync(session, build.Uuid, clock.GetUtcNow(), cancellationToken);
                files.Step("commit");
                return new UploadResult.Stored(build.Job, build.Uuid, build.Platform);
            },
            cancellationToken
        );

    private async Task PrepareAsync(Staging staging, UploadedBuild build, CancellationToken cancellationToken)
    {
        if (!store.IsRemote)
            return;
        staging.MayHaveMoved = true;
        await Parallel.ForEachAsync(
            build.Kept.DistinctBy(artifact => artifact.Digest),
            Several(cancellationToken),
            (artifact, cancellation) => store.PrepareAsync(artifact.File, artifact.Digest, cancellation)
        );
        await buildFiles.PrepareAsync(staging.Build, staging.Name, cancellationToken);
    }

    private async Task PublishAsync(DatabaseSession session, Staging staging, UploadedBuild build, CancellationToken cancellationToken)
    {
        staging.MayHaveMoved = true;
        var artifacts = build.Kept.DistinctBy(artifact => artifact.Digest);
        // What was sent before may have been swept since, as nothing referred to it.
        if (store.IsRemote)
            await Parallel.ForEachAsync(
                artifacts,
                Several(cancellationToken),
                (artifact, cancellation) => store.PublishAsync(artifact.File, artifact.Digest, cancellation)
            );
        else
            await MoveAsync(session, artifacts, cancellationToken);
        // No row has this uuid: what lies there is of a removed build or a killed upload. Or this process was stopped, the database ended its transaction, and
        // another one stored the build meanwhile: then this query fails.
        if (
            (store.IsRemote || Directory.Exists(directory.OfBuild(build.Job, build.Uuid)))
            && await BuildRows.ExistsAsync(session, build.Uuid, cancellationToken)
        )
            throw new InvalidOperationException($"build {build.Uuid} was stored within the transaction that stores it");
        await buildFiles.PublishAsync(staging.Build, staging.Name, build.Job, build.Uuid, cancellationToken);
    }

    private async Task MoveAsync(DatabaseSession session, IEnumerable<StagedArtifact> artifacts, CancellationToken cancellationToken)
    {
        foreach (var artifact in artifacts)
        {
            var isNew = artifact.IsFlushed || !await store.ExistsAsync(artifact.Digest, cancellationToken);
            if (isNew && !artifact.IsFlushed)
                await files.FlushAsync(artifact.File, cancellationToken);
            await store.PublishAsync(artifact.File, artifact.Digest, cancellationToken);
            // A packed one that was damaged is there whole now.
            if (isNew)
                await PackedRows.SetWholeAsync(session, artifact.Digest, isWhole: true, cancellationToken);
        }
    }

    private static ParallelOptions Several(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = RequestsAtOnce, CancellationToken = cancellationToken };

    private async Task FinishAsync(Staging staging)
    {
        await buildFiles.DiscardAsync(staging.Name, CancellationToken.None);
        staging.Delete();
    }

    /// <summary>Removes what the upload moved into place, unless a build has come to need it, and then the staging directory.</summary>
    private async Task DiscardAsync(Staging staging, CancellationToken cancellationToken)
    {
        if (staging.MayHaveMoved && await StagingJournal.ReadAsync(staging, cancellationToken) is { } journal)
        {
            await database.WriteAsync(
                async session =>
                {
                    foreach (var digest in journal.Digests)
                    {
                        if (!await PackedRows.IsNeededAsync(session, digest, cancellationToken))
                            await PackedRows.RemoveAsync(session, store, digest, cancellationToken);
                    }
                    if (await BuildRows.ExistsAsync(session, journal.Uuid, cancellationToken))
                        return;
                    await buildFiles.RemoveAsync($"{journal.Job}/{journal.Uuid}", cancellationToken);
                },
                cancellationToken
            );
            await buildFiles.DiscardAsync(staging.Name, cancellationToken);
        }
        staging.Delete();
    }
}
