using Builder.Analysis.Values;
using Builder.Proof.Keys;
using Builder.Proof.Statements;
using Builder.Protocol.Values;
using Builder.Storage.Rebuilders;
using Builder.Storage.Statements;
using Builder.Web.Builds;
using Builder.Web.Http;
using Builder.Web.Pages;
using Builder.Web.TransparencyLog;

namespace Builder.Web.Statements;

/// <summary>Signed statements as files: of a build, also of one that was removed, and the site's keys.</summary>
internal static class StatementEndpoints
{
    /// <summary>One envelope with provenance (in-toto attestation framework, envelope.md).</summary>
    public const string ProvenanceType = "application/vnd.in-toto.provenance+dsse";

    /// <summary>Envelopes, one a line.</summary>
    public const string BundleType = "application/vnd.in-toto.bundle";

    public static void MapStatements(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(
            "/job/{job}/build/{build}/provenance",
            Verbs.Read,
            static (HttpContext http, string job, string build, PageResponder pages) =>
                pages.RespondAsync(http, page => ProvenanceAsync(page, job, build))
        );
        routes.MapMethods(
            "/job/{job}/build/{build}/provenance.sigstore.json",
            Verbs.Read,
            static (HttpContext http, string job, string build, PageResponder pages, SiteLog log) =>
                pages.RespondUncachedAsync(http, page => BundleAsync(page, job, build, log))
        );
        routes.MapMethods(
            "/job/{job}/build/{build}/attestations",
            Verbs.Read,
            static (HttpContext http, string job, string build, PageResponder pages) =>
                pages.RespondAsync(http, page => OfBuildAsync(page, job, build))
        );
        routes.MapMethods(
            "/.well-known/builder-keys.json",
            Verbs.Read,
            static (HttpContext http, PageResponder pages) => pages.RespondAsync(http, KeysAsync)
        );
        routes.MapBuildTypes();
    }

    /// <summary>Of all builds that had a file with this content; an empty list where nobody signed anything about it.</summary>
    public static async Task<Answer> OfArtifactAsync(PageContext page, Sha256Digest digest) =>
        Lines(
            (await StatementRows.OfArtifactAsync(page.Session, digest, page.Stop))
                .Where(statement => IsAbout(statement, digest))
                .Select(static statement => statement.Envelope)
        );

    private static async Task<Answer?> ProvenanceAsync(PageContext page, string job, string build)
    {
        if (await FindAsync(page, job, build) is not { } uuid)
            return null;
        if (await StatementRows.LatestAsync(page.Session, uuid, StatementKind.Provenance, page.Stop) is { } provenance)
            return Answer.Document(provenance.Envelope.ToArray(), ProvenanceType);
        var task = await AttestationTasks.FindAsync(page.Session, uuid, StatementKind.Provenance, page.Stop);
        return await Problems.MakeAsync(
            page.Http,
            page.Site,
            page.Now,
            StatusCodes.Status404NotFound,
            "No provenance",
            task switch
            {
                null => "There is no signed provenance of this build. It left no files, or this site has no signer.",
                { Refusal: { } reason } => $"The signer signs no provenance of this build: {reason}.",
                _ => "The provenance of this build is not signed yet. Try again in a few seconds.",
            }
        );
    }

    /// <summary>Null where there is no provenance, or it stands in no log.</summary>
    private static async Task<Answer?> BundleAsync(PageContext page, string job, string build, SiteLog log)
    {
        if (
            await FindAsync(page, job, build) is not { } uuid
            || await StatementRows.LatestAsync(page.Session, uuid, StatementKind.Provenance, page.Stop)
                is not { LogIndex: { } index } stored
            || await KeyAsync(page, stored.KeyId) is not { } key
            || log.Key() is not { } origin
            || log.Checkpoint() is not { } checkpoint
            || index >= checkpoint.Size
        )
            return null;
        var bundle = SigstoreBundle.Create(
            DsseEnvelope.Parse(stored.Envelope),
            key,
            origin,
            log.Published.Entry(index, checkpoint.Size),
            await log.Published.ProveAsync(index, checkpoint, page.Stop)
        );
        return Answer.Document(bundle.ToJson(), SigstoreBundle.MediaType);
    }

    private static async Task<VerificationKey?> KeyAsync(PageContext page, string id) =>
        KeyId.TryParse(id, out var parsed) && await StatementRows.LatestAsync(page.Session, null, StatementKind.Keys, page.Stop) is { } keys
            ? KeyList.Parse(DsseEnvelope.Parse(keys.Envelope).Payload).Find(parsed)?.Key
            : null;

    private static async Task<Answer?> OfBuildAsync(PageContext page, string job, string build) =>
        await FindAsync(page, job, build) is { } uuid
            ? Lines([
                .. (await StatementRows.OfBuildAsync(page.Session, uuid, page.Stop)).Select(static statement => statement.Envelope),
                .. (await RebuildRows.EnvelopesAsync(page.Session, uuid, page.Stop)).Select(static one => (ReadOnlyMemory<byte>)one),
            ])
            : null;

    private static async Task<Answer?> KeysAsync(PageContext page) =>
        await StatementRows.LatestAsync(page.Session, null, StatementKind.Keys, page.Stop) is { } keys
            ? Answer.Document(keys.Envelope.ToArray(), "application/json")
            : null;

    /// <summary>Also a removed one; null where the job has and had no such build.</summary>
    public static async Task<BuildUuid?> FindAsync(PageContext page, string job, string build)
    {
        if (!BuildUuid.TryParse(build, out var uuid))
            return null;
        if (await BuildLookup.ByUuidAsync(page.Session, uuid, page.Stop) is { } found)
            return found.Job == job ? uuid : null;
        return await RemovedBuilds.FindAsync(page.Session, uuid, page.Stop) is { } removed && removed.Job == job ? uuid : null;
    }

    private static bool IsAbout(StoredStatement statement, Sha256Digest digest)
    {
        try
        {
            var envelope = DsseEnvelope.Parse(statement.Envelope);
            return InTotoStatement.Parse(envelope.Payload).IsAbout(digest);
        }
        catch (Exception exception) when (exception is InvalidEnvelopeException or InvalidStatementException)
        {
            return false;
        }
    }

    private static Answer Lines(IEnumerable<ReadOnlyMemory<byte>> envelopes)
    {
        using var lines = new MemoryStream();
        foreach (var envelope in envelopes)
        {
            lines.Write(envelope.Span);
            lines.WriteByte((byte)'\n');
        }
        return Answer.Document(lines.ToArray(), BundleType);
    }
}
