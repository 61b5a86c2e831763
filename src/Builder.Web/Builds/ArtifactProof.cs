using Builder.Analysis.Values;
using Builder.Proof.Log;
using Builder.Proof.Statements;
using Builder.Protocol.Values;
using Builder.Storage.Statements;
using Builder.Web.Http;
using Builder.Web.Pages;
using Builder.Web.TransparencyLog;

namespace Builder.Web.Builds;

/// <summary>
/// <c>?proof</c> of an artifact: that its provenance stands in the transparency log (C2SP tlog-proof). The entry comes along as <c>extra</c>, so that the file
/// is verified with the log's key alone.
/// </summary>
internal static class ArtifactProof
{
    public const string Query = "proof";

    public static async Task<Answer?> AnswerAsync(PageContext page, string job, string build, ArtifactPath path, SiteLog log)
    {
        if (
            !BuildUuid.TryParse(build, out var uuid)
            || await BuildQueries.ArtifactAsync(page.Session, job, uuid, path, page.Stop) is not { } found
        )
            return await RemovedBuilds.WhatItWasAsync(page, job, build, path.Bytes);
        if (
            await StatementRows.LatestAsync(page.Session, uuid, StatementKind.Provenance, page.Stop)
                is not { LogIndex: { } index } provenance
            || !IsAbout(provenance, found.Artifact.Hash)
            || log.Checkpoint() is not { } checkpoint
            || index >= checkpoint.Size
        )
        {
            return await Problems.MakeAsync(
                page.Http,
                page.Site,
                page.Now,
                StatusCodes.Status404NotFound,
                "No proof",
                "The provenance of this build is not in the transparency log, or not yet."
            );
        }
        var proof = await log.Published.ProveAsync(index, checkpoint, page.Stop);
        return Answer.Document((proof with { Extra = log.Published.Entry(index, checkpoint.Size) }).ToBytes(), TlogProof.ContentType);
    }

    private static bool IsAbout(StoredStatement provenance, Sha256Digest artifact)
    {
        try
        {
            return InTotoStatement.Parse(DsseEnvelope.Parse(provenance.Envelope).Payload).IsAbout(artifact);
        }
        catch (Exception exception) when (exception is InvalidEnvelopeException or InvalidStatementException)
        {
            return false;
        }
    }
}
