using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Buckets;
using Builder.Storage.Database;
using Builder.Storage.Rebuilders;
using Builder.Web.Http;

namespace Builder.Web.Builds;

/// <summary>Sends visitors to the bucket for what everybody may have, where the operator wants that.</summary>
/// <param name="downloads">Null: the site sends all by itself.</param>
internal sealed class DownloadRedirects(PresignedDownloads? downloads, BuilderDatabase database)
{
    /// <returns>False where the site sends it itself: no redirects, a build that is withheld, a content that the bucket has not as it is.</returns>
    public async Task<bool> TryAnswerAsync(HttpContext http, string build, Sha256Digest digest, string contentType, FileVersion version)
    {
        if (downloads is null || !HttpMethods.IsGet(http.Request.Method) || !BuildUuid.TryParse(build, out var uuid))
            return false;
        await using (var session = await database.OpenReadAsync(http.RequestAborted))
        {
            if ((await QuorumRows.WithheldAsync(session, [uuid], http.RequestAborted)).Count > 0)
                return false;
        }
        if (await downloads.AddressOfAsync(digest, contentType, http.RequestAborted) is not { } address)
            return false;
        version.Describe(http.Response.Headers);
        if (version.TryAnswer(http))
            return true;
        // The address expires, so nobody may keep the answer.
        http.Response.Headers.CacheControl = "no-store";
        http.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
        http.Response.Headers.Location = address.OriginalString;
        return true;
    }
}
