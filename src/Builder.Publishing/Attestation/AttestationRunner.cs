using Builder.Analysis.Values;
using Builder.Protocol.Tracing;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Leases;
using Builder.Storage.Statements;

namespace Builder.Publishing.Attestation;

/// <summary>
/// Has statements made for what is due, and keeps them. What is due stands in the database; a statement and the end of its task are one transaction, and the
/// signer gives the same statement to whoever asks twice. So none is missing in the end and none is double, whatever dies.
/// </summary>
/// <param name="lease">Of the process that does it; null for a command.</param>
public sealed class AttestationRunner(BuilderDatabase database, AttestationClient signer, TimeProvider clock, WorkLease? lease = null)
{
    private const int MaxBuildsAtOnce = 16;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MaxPause = TimeSpan.FromHours(6);

    /// <summary>The site's list of keys, where it changed.</summary>
    /// <exception cref="SignerException">The signer does not answer.</exception>
    public async Task FetchKeysAsync(CancellationToken cancellationToken)
    {
        var answer = await signer.AskAsync(new SignerRequest(StatementKind.Keys, []), cancellationToken);
        foreach (var keys in answer.Statements)
        {
            var statement = StatementOf(keys);
            await using (var session = await database.OpenReadAsync(cancellationToken))
            {
                if ((await StatementRows.LatestAsync(session, null, StatementKind.Keys, cancellationToken))?.Digest == statement.Digest)
                    continue;
            }
            await database.WriteAsync(session => StatementRows.InsertAsync(session, statement, [], cancellationToken), cancellationToken);
        }
    }

    /// <summary>Takes what is due now, a batch at a time.</summary>
    /// <returns>How many tasks were tried; 0 when nothing is due.</returns>
    /// <exception cref="SignerException">The signer does not answer.</exception>
    public async Task<int> RunBatchAsync(CancellationToken cancellationToken)
    {
        List<AttestationTask> due;
        await using (var session = await database.OpenReadAsync(cancellationToken))
            due = await AttestationTasks.DueAsync(session, clock.GetUtcNow(), SignerProtocol.MaxBuilds, cancellationToken);
        foreach (var tasks in due.GroupBy(static task => task.Kind))
            await RunAsync(tasks.Key, [.. tasks.Chunk(MaxBuildsAtOnce)], cancellationToken);
        return due.Count;
    }

    /// <summary>The signer makes the next statements while the last ones are stored.</summary>
    private async Task RunAsync(string kind, AttestationTask[][] parts, CancellationToken cancellationToken)
    {
        var asked = AskAsync(kind, parts[0], cancellationToken);
        for (var i = 0; i < parts.Length; i++)
        {
            var (tasks, answer) = (parts[i], await asked);
            asked = i + 1 < parts.Length ? AskAsync(kind, parts[i + 1], cancellationToken) : Task.FromResult(answer);
            try
            {
                await database.WriteAsync(session => KeepAsync(session, tasks, answer, cancellationToken), cancellationToken);
            }
            catch
            {
                // What it signed meanwhile it gives again to whoever asks again.
                await ((Task)asked).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw;
            }
        }
    }

    private async Task<SignerAnswer> AskAsync(string kind, AttestationTask[] tasks, CancellationToken cancellationToken)
    {
        using var spans = BackgroundSpans.Start(tasks.Select(static task => task.Build), "sign");
        return await signer.AskAsync(new SignerRequest(kind, [.. tasks.Select(static task => task.Build.ToString())]), cancellationToken);
    }

    /// <summary>Inside the caller's transaction: keeps what the signer answered to a request of an operator.</summary>
    public static async Task KeepAsync(DatabaseSession session, SignerAnswer answer, CancellationToken cancellationToken)
    {
        foreach (var document in answer.Statements)
            await StatementRows.InsertAsync(session, StatementOf(document), SubjectsOf(document), cancellationToken);
    }

    private async Task KeepAsync(
        DatabaseSession session,
        IEnumerable<AttestationTask> tasks,
        SignerAnswer answer,
        CancellationToken cancellationToken
    )
    {
        if (lease is not null)
            await lease.RequireAsync(session, cancellationToken);
        await KeepAsync(session, answer, cancellationToken);
        var signed = answer.Statements.Select(static document => document.Build).ToHashSet(StringComparer.Ordinal);
        var done = answer.Done.ToHashSet(StringComparer.Ordinal);
        var refused = answer.Refused.ToLookup(static refusal => refusal.Build, StringComparer.Ordinal);
        foreach (var task in tasks)
        {
            var build = task.Build.ToString();
            if (signed.Contains(build) || done.Contains(build))
            {
                await AttestationTasks.DoneAsync(session, task.Build, task.Kind, cancellationToken);
                if (task.Kind == StatementKind.Provenance && signed.Contains(build))
                    await AttestationTasks.VerdictMayHaveChangedAsync(session, task.Build, cancellationToken);
            }
            else if (refused[build].FirstOrDefault() is { } refusal)
            {
                await AttestationTasks.RefusedAsync(session, task, refusal.Reason, DueAfter(task, refusal), cancellationToken);
            }
        }
    }

    private DateTimeOffset DueAfter(AttestationTask task, SignerRefusal refusal)
    {
        if (refusal.IsFinal)
            return clock.GetUtcNow() + TimeSpan.FromDays(365);
        var pause = FirstPause * Math.Pow(2, Math.Min(task.Attempts, 20));
        return clock.GetUtcNow() + (pause < MaxPause ? pause : MaxPause);
    }

    private static StoredStatement StatementOf(SignedDocument document) =>
        new(
            document.Build.Length == 0 ? null : BuildUuid.Parse(document.Build),
            document.Kind,
            document.Envelope,
            document.KeyId,
            document.LogIndex,
            DateTimeOffset.FromUnixTimeSeconds(document.Created)
        );

    private static IEnumerable<Sha256Digest> SubjectsOf(SignedDocument document) => document.Subjects.Select(Sha256Digest.Parse);
}
