using Builder.Analysis.Values;
using Builder.Proof.Keys;
using Builder.Proof.Records;
using Builder.Proof.Statements;
using Builder.Protocol.Der;
using Builder.Protocol.Values;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;
using Builder.Storage.Files;
using Builder.Storage.Ingestion;
using Builder.Storage.Statements;

namespace Builder.Publishing.Attestation;

/// <summary>
/// Reads a stored build, and believes nothing of it: the whole exec is put together and read again, each digest is computed from the bytes, and what the
/// tables say must agree. What a build server signed must fit to the last byte.
/// </summary>
internal sealed class BuildChecker(
    BuilderDatabase database,
    IBuildFiles files,
    IArtifactStore artifacts,
    Func<IReadOnlyList<VerificationKey>> serverKeys
)
{
    private readonly BuildExec execs = new(database, files, artifacts);

    /// <exception cref="AttestationRefusedException">Something does not fit; the message says what.</exception>
    public async Task<CheckedBuild> CheckAsync(BuildUuid uuid, CancellationToken cancellationToken)
    {
        var stored =
            await execs.FindAsync(uuid, cancellationToken)
            ?? throw new AttestationRefusedException($"there is no build {uuid} any more", isFinal: true);
        List<CheckedArtifact> rows;
        byte[]? envelope;
        await using (var session = await database.OpenReadAsync(cancellationToken))
        {
            rows = await RowsAsync(session, stored.Id, cancellationToken);
            envelope = await RecordRows.FindAsync(session, uuid, cancellationToken);
        }
        var facts = await ReadAsync(stored, cancellationToken);
        Require(facts.Head.Uuid == uuid, "its exec is that of another build");
        Require(facts.Head.Job.Name == stored.Job.Bytes, "its exec is of another job than the database says");
        Require(facts.Head.Job.Platform == stored.Platform, "its exec is of another platform than the database says");
        foreach (var row in rows)
            Require(
                facts.Artifacts.Contains(row),
                $"the database says of \"{row.Path}\" that it has {row.Size} bytes and the SHA-256 {row.Digest}; the stored file is another"
            );
        var platform = Platform.TryParse(stored.Platform, out var parsed, out var reason)
            ? parsed
            : throw new AttestationRefusedException(reason, isFinal: true);
        return new CheckedBuild(
            uuid,
            stored.Job,
            platform,
            Sha256Digest.Of(facts.Head.Job.Script.Span),
            facts.Tail.Started,
            facts.Tail.Finished,
            facts.Digest,
            facts.Console,
            [.. facts.Artifacts.Where(rows.Contains)],
            facts.Inputs,
            envelope is null ? null : Verify(envelope, facts)
        );
    }

    private async Task<ExecFacts> ReadAsync(StoredBuild stored, CancellationToken cancellationToken)
    {
        try
        {
            return await ExecFacts.ReadAsync((stream, stop) => execs.WriteAsync(stored, stream, stop), cancellationToken);
        }
        catch (Exception exception)
            when (exception is InvalidDataException or ProtocolException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new AttestationRefusedException($"the stored build cannot be read: {exception.Message}", isFinal: false, exception);
        }
    }

    private BuildRecord Verify(byte[] envelope, ExecFacts facts)
    {
        BuildRecord record;
        try
        {
            var signed = DsseEnvelope.Parse(envelope);
            record = BuildRecord.Read(signed);
            Require(
                serverKeys().Any(signed.IsSignedBy),
                "its record is signed by a build server that this signer does not trust; give the signer that server's public key with --server-key"
            );
        }
        catch (Exception exception) when (exception is InvalidEnvelopeException or InvalidStatementException)
        {
            throw new AttestationRefusedException(
                $"the record of the build server is damaged: {exception.Message}",
                isFinal: true,
                exception
            );
        }
        const string other = "the build server signed another build than the one that is stored: ";
        Require(record.Uuid == facts.Head.Uuid.ToString(), $"{other}its uuid is {record.Uuid}");
        Require(
            record.Exec == facts.Digest && record.ExecSize == facts.Size,
            $"{other}its digest is {record.Exec}, the stored one has {facts.Digest}"
        );
        Require(record.Artifacts == facts.List && record.ArtifactCount == facts.Artifacts.Count, $"{other}its list of artifacts differs");
        Require(record.Script == Sha256Digest.Of(facts.Head.Job.Script.Span), $"{other}its script differs");
        Require(
            record.Job == facts.Head.Job.Name.ToString() && record.Platform == facts.Head.Job.Platform.ToString(),
            $"{other}its job differs"
        );
        return record;
    }

    private static Task<List<CheckedArtifact>> RowsAsync(
        DatabaseSession session,
        Storage.Values.BuildId build,
        CancellationToken cancellationToken
    ) =>
        session.QueryAsync(
            "SELECT filepath, size, sha256 FROM build_artifact WHERE build = @build ORDER BY id",
            static row =>
                ArtifactPath.TryParse(row.Bytes(0), out var path, out var reason)
                    ? new CheckedArtifact(path, row.Integer(1), row.Digest(2))
                    : throw new AttestationRefusedException(reason, isFinal: true),
            cancellationToken,
            ("@build", build)
        );

    private static void Require(bool fits, string problem)
    {
        if (!fits)
            throw new AttestationRefusedException(problem, isFinal: false);
    }
}
