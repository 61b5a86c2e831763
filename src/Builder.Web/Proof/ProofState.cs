using Builder.Proof.Keys;
using Builder.Proof.Statements;
using Builder.Storage.Database;
using Builder.Storage.Statements;
using Builder.Web.Builds;
using Builder.Web.TransparencyLog;

namespace Builder.Web.Proof;

/// <summary>Everything that the page about a file is made from.</summary>
/// <param name="Provenance">The latest; null where there is none.</param>
/// <param name="Task">Why there is none yet; null where nothing is due.</param>
/// <param name="LogSize">Entries of the log; null where the site has none.</param>
/// <param name="SameOutput">Other builds with the same main binary.</param>
/// <param name="OtherOutput">Builds of the same inputs with another main binary.</param>
internal sealed record ProofState(
    BuildFacts Build,
    IReadOnlyList<ArtifactFacts> Artifacts,
    StoredStatement? Provenance,
    SlsaProvenance? Predicate,
    VerificationSummary? Summary,
    Retraction? Retraction,
    AttestationTask? Task,
    KeyList? Keys,
    long? LogSize,
    long SameOutput,
    long OtherOutput
)
{
    public bool IsInLog => Provenance?.LogIndex is { } index && index < LogSize;

    /// <summary>It left packages of Debian and recorded what was installed.</summary>
    public bool HasBuildInfo =>
        Artifacts.Any(BuildInfoEndpoints.IsPackage) && Artifacts.Any(artifact => artifact.Path.ToString() == BuildInfoEndpoints.Installed);

    /// <summary>The site has a signer, so it can sign lists of files too.</summary>
    public bool HasFileKey => Keys?.Keys.Any(key => key is { Use: KeyUse.Files, IsInUse: true }) ?? false;

    public static async Task<ProofState> ReadAsync(DatabaseSession session, BuildFacts build, SiteLog log, CancellationToken stop)
    {
        var statements = await StatementRows.OfBuildAsync(session, build.Uuid, stop);
        StoredStatement? Latest(string kind) => statements.LastOrDefault(statement => statement.Kind == kind);
        var provenance = Latest(StatementKind.Provenance);
        var otherOutput =
            build.Main is null || build.InputId is null ? RelatedBuilds.None : await BuildQueries.OtherOutputAsync(session, build, stop);
        var sameInput =
            build.Main is null || build.InputId is null
                ? RelatedBuilds.None
                : await BuildQueries.SameInputSameOutputAsync(session, build, stop);
        var otherInput = build.Main is null
            ? RelatedBuilds.None
            : await BuildQueries.OtherInputSameOutputAsync(session, build, sameInput.Count, stop);
        return new ProofState(
            build,
            await BuildQueries.ArtifactsAsync(session, build.Id, stop),
            provenance,
            Read(provenance, SlsaProvenance.Read),
            Read(Latest(StatementKind.Summary), VerificationSummary.Read),
            Read(Latest(StatementKind.Retraction), Retraction.Read),
            provenance is null ? await AttestationTasks.FindAsync(session, build.Uuid, StatementKind.Provenance, stop) : null,
            await ProofSources.KeysAsync(session, stop),
            log.Checkpoint()?.Size,
            sameInput.Count + otherInput.Count,
            otherOutput.Count
        );
    }

    private static T? Read<T>(StoredStatement? statement, Func<InTotoStatement, T> read)
        where T : class
    {
        if (statement is null)
            return null;
        try
        {
            return read(InTotoStatement.Parse(DsseEnvelope.Parse(statement.Envelope).Payload));
        }
        catch (Exception exception) when (exception is InvalidEnvelopeException or InvalidStatementException)
        {
            return null;
        }
    }
}
