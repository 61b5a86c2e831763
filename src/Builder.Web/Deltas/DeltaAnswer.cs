using Builder.Analysis.Values;
using Builder.Web.Http;
using Builder.Web.Monitoring;

namespace Builder.Web.Deltas;

/// <summary>Sends an artifact as a patch of what the client has (RFC 9842, <c>dcz</c>), where it offers something to patch.</summary>
internal sealed class DeltaAnswer(ArtifactDeltas deltas, SiteMetrics metrics)
{
    /// <summary>Says in every answer what it depends on, and that the file may serve to patch others.</summary>
    public static void Describe(HttpContext http, string build, PatchableArtifact artifact)
    {
        var headers = http.Response.Headers;
        headers.Append("Vary", "Accept-Encoding, Available-Dictionary");
        if (artifact.Size >= ArtifactDeltas.MinSize && DictionaryOffer.For(RawTarget.Of(http.Request).Path, build) is { } offer)
            headers["Use-As-Dictionary"] = offer;
    }

    /// <returns>False where the file itself is to be sent.</returns>
    /// <param name="tag">The file's own, without quotes.</param>
    /// <param name="describe">Sets the headers that every answer has.</param>
    public async Task<bool> TrySendAsync(
        HttpContext http,
        string job,
        PatchableArtifact artifact,
        string tag,
        FileVersion version,
        Action describe
    )
    {
        if (KnownTag(http.Request, tag) is { } known)
        {
            describe();
            // The client has unpacked it once, from whatever base: the bytes at this address never change.
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            http.Response.Headers.ETag = known;
            return true;
        }
        if (
            DictionaryRequest.Base(http.Request) is not { } offered
            || http.Request.Headers.IfMatch.Count > 0
            || ETags.Match(http.Request, version.ETag)
        )
            return false;
        await using var delta = await deltas.OpenAsync(job, artifact, offered, http.RequestAborted);
        if (delta is null)
            return false;
        describe();
        if ((version with { ETag = TagOf(tag, offered) }) is var patched && patched.TryAnswer(http))
            return true;
        patched.Describe(http.Response.Headers);
        http.Response.ContentType = ContentTypes.Of(artifact.Path.ToString());
        http.Response.Headers.ContentEncoding = DictionaryRequest.Coding;
        http.Response.ContentLength = delta.Length;
        if (HttpMethods.IsHead(http.Request.Method))
            return true;
        metrics.Patched(artifact.Size - delta.Length);
        await delta.Stream.CopyToAsync(http.Response.Body, http.RequestAborted);
        return true;
    }

    /// <summary>Another encoding is another representation, with a tag of its own.</summary>
    private static string TagOf(string tag, Sha256Digest baseDigest) => ETags.Strong($"{tag}{Infix}{baseDigest.ToString()[..16]}");

    private const string Infix = "-dcz-";

    private static string? KnownTag(HttpRequest request, string tag)
    {
        var begin = $"\"{tag}{Infix}";
        foreach (var header in request.Headers.IfNoneMatch)
        {
            var at = header?.IndexOf(begin, StringComparison.Ordinal) ?? -1;
            if (at < 0)
                continue;
            var end = header!.IndexOf('"', at + begin.Length);
            if (end - at - begin.Length == 16)
                return header[at..(end + 1)];
        }
        return null;
    }
}
