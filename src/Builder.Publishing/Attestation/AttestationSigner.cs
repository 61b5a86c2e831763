using System.Collections.Immutable;
using Builder.Analysis.Values;
using Builder.Proof.Keys;
using Builder.Proof.Statements;
using Builder.Protocol.Values;
using Builder.Storage.Buckets;
using Builder.Storage.Database;
using Builder.Storage.Statements;

namespace Builder.Publishing.Attestation;

/// <summary>
/// Signs what it has checked itself. A statement is first written down, then put into the log, then handed out; a crash in between is made good by doing the
/// rest, never by signing again.
/// </summary>
public sealed class AttestationSigner : IDisposable
{
    private const int MaxUnlogged = 256;

    private readonly SignerSettings settings;
    private readonly KeyDirectory keys;
    private readonly IssuedStatements issued;
    private readonly BuilderDatabase database;
    private readonly BuildChecker checker;
    private readonly SbomMaker sboms;
    private readonly FileSigner files;
    private readonly StoredFiles stored;
    private readonly IStatementLog? log;
    private readonly TimeProvider clock;
    private readonly SemaphoreSlim turn = new(1, 1);
    private DateTime keysRead;
    private KeyList list;
    private SigningKey key;

    private AttestationSigner(
        SignerSettings settings,
        KeyDirectory keys,
        IssuedStatements issued,
        BuilderDatabase database,
        IStatementLog? log,
        TimeProvider clock
    )
    {
        this.settings = settings;
        this.keys = keys;
        this.issued = issued;
        this.database = database;
        this.log = log;
        this.clock = clock;
        keysRead = keys.Changed;
        list = keys.Read();
        key = keys.LoadCurrent(list, KeyUse.Statements);
        stored = StoredFiles.Open(database.Settings, clock);
        // In a bucket contents are compared with their hash before a byte is given out; files here are hashed by who reads them.
        var artifacts = stored.Bucket is null ? new PlainArtifacts(stored.Directory, database) : stored.Artifacts;
        checker = new BuildChecker(database, stored.Builds, artifacts, ReadServerKeys);
        sboms = new SbomMaker(artifacts, settings);
        files = new FileSigner(keys, issued, artifacts);
    }

    /// <summary>Makes keys where there are none, and puts into the log what the last process could not any more.</summary>
    /// <param name="database">Opened for reading; stays the caller's.</param>
    /// <param name="log">Null for no transparency log; stays the caller's.</param>
    /// <exception cref="SignerException">Keys or memory of the signer cannot be used.</exception>
    public static async Task<AttestationSigner> OpenAsync(
        SignerSettings settings,
        BuilderDatabase database,
        IStatementLog? log,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var keys = new KeyDirectory(KeysIn(settings.StateDirectory), clock);
        keys.CreateMissing(settings.Site);
        var issued = IssuedStatements.Open(settings.StateDirectory);
        try
        {
            var signer = new AttestationSigner(settings, keys, issued, database, log, clock);
            await signer.PutIntoLogAsync(cancellationToken);
            return signer;
        }
        catch
        {
            issued.Dispose();
            throw;
        }
    }

    public static string KeysIn(string stateDirectory) => Path.Combine(stateDirectory, "keys");

    /// <summary>The first entry of the log that may have been signed at this moment or later; null without a log.</summary>
    /// <exception cref="SignerException">The signer's memory cannot be used.</exception>
    public static long? LogIndexAt(string stateDirectory, DateTimeOffset moment)
    {
        using var issued = IssuedStatements.Open(stateDirectory);
        return issued.LogIndexAt(moment);
    }

    /// <param name="isOperator">From the socket that only the operator can open.</param>
    public async Task<SignerAnswer> AnswerAsync(SignerRequest request, bool isOperator, CancellationToken cancellationToken)
    {
        // Nothing is kept of these, and the file may be large: nobody else waits for it.
        if (request.Kind is FileSignatureKind.Lists or FileSignatureKind.Minisign)
            return await SignFilesAsync(request, cancellationToken);
        await turn.WaitAsync(cancellationToken);
        try
        {
            ReadKeysAgain();
            await PutIntoLogAsync(cancellationToken);
            if (request.Builds.Count > SignerProtocol.MaxBuilds)
                return SignerAnswer.Failed($"a request may name {SignerProtocol.MaxBuilds} builds, not {request.Builds.Count}");
            return request.Kind switch
            {
                StatementKind.Provenance => await ForBuildsAsync(request, AttestAsync, cancellationToken),
                StatementKind.Summary => await ForBuildsAsync(request, SummarizeAsync, cancellationToken),
                StatementKind.Keys => await AnswerAsync(new Outcome([KeysStatement()]), cancellationToken),
                StatementKind.Retraction when isOperator => await ForBuildsAsync(request, RetractAsync, cancellationToken),
                StatementKind.Retraction => SignerAnswer.Failed("only the operator retracts builds: use \"builder db retract\""),
                _ => SignerAnswer.Failed($"the signer makes no statement of kind \"{request.Kind}\""),
            };
        }
        catch (SignerException exception)
        {
            return SignerAnswer.Failed(exception.Message);
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose()
    {
        key.Dispose();
        stored.Dispose();
        issued.Dispose();
        turn.Dispose();
    }

    private async Task<SignerAnswer> SignFilesAsync(SignerRequest request, CancellationToken cancellationToken)
    {
        if (request.Builds.Count > SignerProtocol.MaxBuilds)
            return SignerAnswer.Failed($"a request may name {SignerProtocol.MaxBuilds} builds, not {request.Builds.Count}");
        try
        {
            return await files.AnswerAsync(request, cancellationToken);
        }
        catch (SignerException exception)
        {
            return SignerAnswer.Failed(exception.Message);
        }
    }

    private async Task<SignerAnswer> ForBuildsAsync(
        SignerRequest request,
        Func<BuildUuid, SignerRequest, Outcome, CancellationToken, Task> make,
        CancellationToken cancellationToken
    )
    {
        var outcome = new Outcome([]);
        // Most of the time goes into hashing and writing: as many at once as there are cores.
        foreach (var builds in request.Builds.Distinct(StringComparer.Ordinal).Chunk(Environment.ProcessorCount))
        {
            if (outcome.Size > SignerProtocol.MaxStatements)
                break;
            foreach (var part in await Task.WhenAll(builds.Select(text => Task.Run(() => MakeAsync(text), cancellationToken))))
                outcome.Add(part);
        }
        return await AnswerAsync(outcome, cancellationToken);

        async Task<Outcome> MakeAsync(string text)
        {
            var part = new Outcome([]);
            if (!BuildUuid.TryParse(text, out var uuid))
            {
                part.Refused.Add(new SignerRefusal(text, "not a uuid", IsFinal: true));
                return part;
            }
            try
            {
                await make(uuid, request, part, cancellationToken);
            }
            catch (AttestationRefusedException exception)
            {
                part.Refused.Add(new SignerRefusal(text, exception.Message, exception.IsFinal));
            }
            return part;
        }
    }

    private async Task AttestAsync(BuildUuid uuid, SignerRequest request, Outcome outcome, CancellationToken cancellationToken)
    {
        if (issued.OfBuild(uuid) is { Count: > 0 } known && known.Any(static one => one.Kind == StatementKind.Provenance))
        {
            outcome.Statements.AddRange(known);
            return;
        }
        var build = await checker.CheckAsync(uuid, cancellationToken);
        if (build.Artifacts.Count == 0)
        {
            outcome.Done.Add(uuid);
            return;
        }
        var facts = new AttestedFacts(
            build.Job.Value,
            build.Mode,
            build.InputId,
            build.MainBinary is { } main ? (main.Name, main.Digest) : null
        );
        outcome.Statements.Add(
            await FindSignedAsync(uuid, StatementKind.Provenance, facts, cancellationToken)
                ?? Sign(
                    uuid,
                    StatementKind.Provenance,
                    ProvenanceMaker.Make(build, await sboms.SwitchOfAsync(build), settings),
                    [.. build.Artifacts.Select(static one => one.Digest)],
                    facts
                )
        );
        if (await sboms.MakeAsync(build, cancellationToken) is not { } document)
            return;
        foreach (var (kind, statement) in SbomMaker.StatementsOf(document))
            outcome.Statements.Add(
                await FindSignedAsync(uuid, kind, facts, cancellationToken)
                    ?? Sign(uuid, kind, statement, [document.Build.Main.Hash], facts)
            );
    }

    /// <summary>What this signer signed, as the site has it: for a signer whose memory is older than the site's, because it was restored from a backup.</summary>
    private async Task<IssuedStatement?> FindSignedAsync(
        BuildUuid uuid,
        string kind,
        AttestedFacts facts,
        CancellationToken cancellationToken
    )
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        if (await StatementRows.LatestAsync(session, uuid, kind, cancellationToken) is not { } kept)
            return null;
        try
        {
            var envelope = DsseEnvelope.Parse(kept.Envelope);
            return list.Keys.Any(one => one.Id.Value == kept.KeyId && one.Use == KeyUse.Statements && envelope.IsSignedBy(one.Key))
                ? new IssuedStatement(0, uuid, kept.Kind, kept.Envelope, kept.KeyId, null, kept.Created, facts, "")
                : null;
        }
        catch (InvalidEnvelopeException)
        {
            return null;
        }
    }

    private Task SummarizeAsync(BuildUuid uuid, SignerRequest request, Outcome outcome, CancellationToken cancellationToken)
    {
        if (issued.Latest(uuid, StatementKind.Provenance) is not { } provenance)
            throw new AttestationRefusedException("it has no provenance yet", isFinal: false);
        var levels = SummaryMaker.LevelsOf(provenance.Facts.Mode, issued.IsReproduced(provenance.Facts), settings);
        var claimed = string.Join(' ', levels);
        var latest = issued.Latest(uuid, StatementKind.Summary);
        if (provenance.Facts.Main is null || levels.IsEmpty || issued.Latest(uuid, StatementKind.Retraction) is not null)
            outcome.Done.Add(uuid);
        else if (latest?.Levels == claimed)
            outcome.Statements.Add(latest);
        else
            outcome.Statements.Add(
                Sign(
                    uuid,
                    StatementKind.Summary,
                    SummaryMaker.Make(provenance, levels, settings, clock.GetUtcNow()),
                    [provenance.Facts.Main.Value.Digest],
                    provenance.Facts,
                    claimed
                )
            );
        return Task.CompletedTask;
    }

    private async Task RetractAsync(BuildUuid uuid, SignerRequest request, Outcome outcome, CancellationToken cancellationToken)
    {
        if (request.Because is not { Length: > 0 and <= Retraction.MaxReasonLength } because)
            throw new AttestationRefusedException(
                $"a retraction needs a reason of at most {Retraction.MaxReasonLength} characters",
                isFinal: true
            );
        if (issued.Latest(uuid, StatementKind.Retraction) is { } known)
        {
            outcome.Statements.Add(known);
            return;
        }
        var provenance = issued.Latest(uuid, StatementKind.Provenance);
        ImmutableArray<ResourceDescriptor> subjects = provenance is null
            ? [.. (await checker.CheckAsync(uuid, cancellationToken)).Artifacts.Select(one => ResourceDescriptor.Of(one.Name, one.Digest))]
            : SubjectsOf(provenance.Envelope);
        if (subjects.IsEmpty)
            throw new AttestationRefusedException("the build left no artifacts: there is nothing to retract", isFinal: true);
        outcome.Statements.Add(
            Sign(
                uuid,
                StatementKind.Retraction,
                InTotoStatement.Write(subjects, new Retraction(uuid.ToString(), because, clock.GetUtcNow())),
                DigestsOf(subjects),
                provenance?.Facts ?? new AttestedFacts("", BuildMode.Imported, null, null)
            )
        );
    }

    /// <summary>The list of keys, signed once for each state of it; a key that was replaced signs the list that says so.</summary>
    private IssuedStatement KeysStatement()
    {
        var payload = list.ToJson();
        if (issued.Latest(null, StatementKind.Keys) is { } known && DsseEnvelope.Parse(known.Envelope).Payload.Span.SequenceEqual(payload))
            return known;
        var envelope = DsseEnvelope.Sign(KeyList.PayloadType, payload, key);
        var retired = list.Keys.Where(one => one is { Use: KeyUse.Statements, IsInUse: false, Revocation: null }).ToList();
        foreach (var before in retired)
        {
            using var old = keys.Load(before);
            if (old is not null)
                envelope = envelope.With(old);
        }
        var statement = Write(null, StatementKind.Keys, envelope, new AttestedFacts("", BuildMode.Imported, null, null), "");
        foreach (var before in retired)
            keys.RemovePrivate(before);
        return statement;
    }

    private static ImmutableArray<ResourceDescriptor> SubjectsOf(ReadOnlyMemory<byte> envelope) =>
        InTotoStatement.Parse(DsseEnvelope.Parse(envelope).Payload).Subjects;

    private static List<Sha256Digest> DigestsOf(IEnumerable<ResourceDescriptor> subjects) =>
        [.. subjects.Select(static one => one.Sha256).OfType<Sha256Digest>()];

    private IssuedStatement Sign(
        BuildUuid build,
        string kind,
        byte[] statement,
        IReadOnlyList<Sha256Digest> subjects,
        AttestedFacts facts,
        string levels = ""
    )
    {
        var envelope = DsseEnvelope.Sign(DsseEnvelope.InTotoPayloadType, statement, key);
        var fresh = new FreshStatement(envelope, subjects);
        return envelope.Payload.Length < DsseEnvelope.MaxSizeInBytes / 2
            ? new IssuedStatement(0, build, kind, envelope.ToJson(), key.Id.Value, null, clock.GetUtcNow(), facts, levels, fresh)
            : throw new AttestationRefusedException("it has too many artifacts for one statement", isFinal: true);
    }

    private IssuedStatement Write(BuildUuid? build, string kind, DsseEnvelope envelope, AttestedFacts facts, string levels) =>
        issued.Add([new IssuedStatement(0, build, kind, envelope.ToJson(), key.Id.Value, null, clock.GetUtcNow(), facts, levels)])[0];

    /// <summary>New statements are written down together, and go into the log together: each sync is milliseconds.</summary>
    private async Task<SignerAnswer> AnswerAsync(Outcome outcome, CancellationToken cancellationToken)
    {
        var known = outcome.Statements.Where(static one => one.Id != 0);
        var added = issued.Add([.. outcome.Statements.Where(static one => one.Id == 0)]);
        var statements = await LogAsync([.. known, .. added], cancellationToken);
        return new SignerAnswer(
            [.. statements.Select(DocumentOf)],
            [.. outcome.Done.Select(static build => build.ToString())],
            outcome.Refused
        );
    }

    private static SignedDocument DocumentOf(IssuedStatement statement) =>
        new(
            statement.Build?.ToString() ?? "",
            statement.Kind,
            statement.Envelope.ToArray(),
            statement.KeyId,
            statement.LogIndex,
            statement.Created.ToUnixTimeSeconds(),
            statement.Build is null
                ? []
                : [.. (statement.Fresh?.Subjects ?? DigestsOf(SubjectsOf(statement.Envelope))).Select(static one => $"{one}")]
        );

    private async Task PutIntoLogAsync(CancellationToken cancellationToken)
    {
        while (log is not null && issued.Unlogged(MaxUnlogged) is { Count: > 0 } left)
            await LogAsync(left, cancellationToken);
    }

    private async Task<IReadOnlyList<IssuedStatement>> LogAsync(
        IReadOnlyList<IssuedStatement> statements,
        CancellationToken cancellationToken
    )
    {
        var left = statements.Where(static one => one.LogIndex is null).ToList();
        if (log is null || left.Count == 0)
            return statements;
        var places = await log.AppendAsync(
            [
                .. left.Select(one => new LoggedStatement(
                    one.Fresh?.Envelope ?? DsseEnvelope.Parse(one.Envelope),
                    list.Keys.First(known => known.Id.Value == one.KeyId).Key,
                    one.Kind,
                    one.Build?.ToString() ?? settings.Site
                )),
            ],
            cancellationToken
        );
        var byId = left.Zip(places).ToDictionary(static pair => pair.First.Id, static pair => pair.Second);
        issued.SetLogIndexes([.. byId.Select(static pair => (pair.Key, pair.Value))]);
        return [.. statements.Select(one => byId.TryGetValue(one.Id, out var place) ? one with { LogIndex = place } : one)];
    }

    /// <summary>After <c>builder keys rotate</c> and the like, which write the directory while this runs.</summary>
    private void ReadKeysAgain()
    {
        var changed = keys.Changed;
        if (changed == keysRead)
            return;
        var read = keys.Read();
        var current = keys.LoadCurrent(read, KeyUse.Statements);
        key.Dispose();
        (list, key, keysRead) = (read, current, changed);
    }

    /// <summary>Each time anew: a server may have been set up meanwhile.</summary>
    private List<VerificationKey> ReadServerKeys()
    {
        var found = new List<VerificationKey>();
        foreach (var file in settings.ServerKeys.Where(File.Exists))
        {
            try
            {
                found.Add(VerificationKey.FromPem(File.ReadAllText(file)));
            }
            catch (Exception exception) when (exception is InvalidKeyException or IOException or UnauthorizedAccessException)
            {
                throw new AttestationRefusedException(
                    $"the public key {file} of a build server cannot be read: {exception.Message}",
                    isFinal: false,
                    exception
                );
            }
        }
        return found;
    }

    private sealed record Outcome(List<IssuedStatement> Statements)
    {
        public List<BuildUuid> Done { get; } = [];

        public List<SignerRefusal> Refused { get; } = [];

        public void Add(Outcome other)
        {
            Statements.AddRange(other.Statements);
            Done.AddRange(other.Done);
            Refused.AddRange(other.Refused);
        }

        public long Size => Statements.Sum(static one => (long)one.Envelope.Length);
    }
}
