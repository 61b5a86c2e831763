using Builder.Proof.Keys;
using Builder.Storage.Rebuilders;
using Builder.Storage.Statements;
using Builder.Web.Http;
using Builder.Web.Pages;
using Builder.Web.Statements;

namespace Builder.Web.Proof;

/// <summary>Statements with the proof that everybody is told the same: Sigstore bundles, which cosign verifies without asking anyone.</summary>
internal static class BundleEndpoints
{
    public const string ProvenanceName = "provenance.sigstore.json";
    public const string AllName = "attestations.sigstore.jsonl";
    public const string LinesType = "application/jsonl";

    public static void MapBundles(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(
            $"/job/{{job}}/build/{{build}}/{AllName}",
            Verbs.Read,
            (HttpContext http, string job, string build, PageResponder pages, ProofSources sources) =>
                // The log grows without the database.
                pages.RespondUncachedAsync(http, page => AllAsync(page, job, build, sources))
        );
    }

    /// <summary>A line each; what is in no log stands there as it is.</summary>
    private static async Task<Answer?> AllAsync(PageContext page, string job, string build, ProofSources sources)
    {
        if (await StatementEndpoints.FindAsync(page, job, build) is not { } uuid)
            return null;
        KeyList? keys = await ProofSources.KeysAsync(page.Session, page.Stop);
        using var lines = new MemoryStream();
        foreach (var statement in await StatementRows.OfBuildAsync(page.Session, uuid, page.Stop))
        {
            var bundle = keys is null ? null : await sources.BundleAsync(statement, keys, page.Stop);
            lines.Write(bundle?.ToJson() ?? statement.Envelope.Span);
            lines.WriteByte((byte)'\n');
        }
        foreach (var envelope in await RebuildRows.EnvelopesAsync(page.Session, uuid, page.Stop))
        {
            lines.Write(envelope);
            lines.WriteByte((byte)'\n');
        }
        return Answer.Document(lines.ToArray(), LinesType);
    }
}
