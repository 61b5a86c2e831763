using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Builder.Analysis.Values;
using Builder.Cli.Diff;
using Builder.Cli.Errors;
using Microsoft.AspNetCore.WebUtilities;

namespace Builder.Cli.Download;

/// <summary>Asks a site for one artifact. The site may be hostile: no answer is believed before its length and hash are checked.</summary>
internal sealed class ArtifactSite : IDisposable
{
    /// <summary>The content coding of patches (RFC 9842 section 5).</summary>
    private const string Patch = "dcz";

    private static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(60);

    private readonly SiteUrl url;
    private readonly DiffProgress progress;
    private readonly HttpClient http;

    public ArtifactSite(SiteUrl url, DiffProgress progress)
    {
        this.url = url;
        this.progress = progress;
        http = new HttpClient(
            new SocketsHttpHandler
            {
                // Patches are unpacked here, and a range is of the bytes as they are sent.
                AutomaticDecompression = DecompressionMethods.None,
                ConnectTimeout = TimeSpan.FromSeconds(15),
                MaxAutomaticRedirections = 5,
                UseCookies = false,
            }
        )
        {
            // How long a body may take depends on its length: only silence is limited.
            Timeout = Timeout.InfiniteTimeSpan,
        };
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("builder-download", null));
    }

    /// <exception cref="CommandException">There is no such artifact, or the site does not say its hash and length.</exception>
    public async Task<RemoteFile> DescribeAsync(CancellationToken cancellationToken)
    {
        using var head = await SendAsync(new HttpRequestMessage(HttpMethod.Head, url.Address), cancellationToken);
        if (head.IsSuccessStatusCode)
            return Describe(head);
        // Original sites answer GET alone.
        using var get = await SendAsync(new HttpRequestMessage(HttpMethod.Get, url.Address), cancellationToken);
        Require(get);
        return Describe(get);
    }

    /// <summary>Whether the site has a patch from this base, and its length in bytes.</summary>
    /// <returns>Null where the site would send the artifact itself.</returns>
    public async Task<long?> PatchLengthAsync(RemoteFile remote, Sha256Digest baseDigest, CancellationToken cancellationToken)
    {
        // Without a body: an answer that is not a patch would be the whole artifact.
        using var answer = await SendAsync(PatchRequest(HttpMethod.Head, remote, baseDigest), cancellationToken);
        return IsPatch(answer) ? answer.Content.Headers.ContentLength : null;
    }

    /// <returns>The body of a patch of this length; null where the site has changed its mind.</returns>
    public async Task<Stream?> OpenPatchAsync(RemoteFile remote, Sha256Digest baseDigest, long length, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(PatchRequest(HttpMethod.Get, remote, baseDigest), cancellationToken);
        if (IsPatch(answer))
            return await BodyAsync(answer, length, cancellationToken);
        answer.Dispose();
        return null;
    }

    /// <summary>The artifact from a position on, or from the beginning where the site does not send a part.</summary>
    /// <returns>Where the body begins, in bytes, and the body, which ends with the artifact or before.</returns>
    /// <exception cref="CommandException">The site sends something else.</exception>
    public async Task<(long Start, Stream Body)> OpenAsync(RemoteFile remote, long start, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(Request(start), cancellationToken);
        if (answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && start > 0)
        {
            answer.Dispose();
            answer = await SendAsync(Request(0), cancellationToken);
        }
        try
        {
            Require(answer);
            var headers = answer.Content.Headers;
            var position = answer.StatusCode == HttpStatusCode.PartialContent ? headers.ContentRange?.From : 0;
            if (position is null || position > start)
                throw new CommandException($"cannot download {url.Shown}: the site sends another range than the one requested");
            if (headers.ContentEncoding.Count > 0)
                throw new CommandException(
                    $"cannot download {url.Shown}: the site sends the content coding {string.Join(", ", headers.ContentEncoding)}, which was not requested"
                );
            var expected = remote.Length - position.Value;
            if (headers.ContentLength is { } length && length != expected)
                throw new CommandException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"cannot download {url.Shown}: the site announced {expected:N0} bytes, then {length:N0}"
                    )
                );
            return (position.Value, await BodyAsync(answer, expected, cancellationToken));
        }
        catch
        {
            answer.Dispose();
            throw;
        }

        HttpRequestMessage Request(long from)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, remote.Address);
            // No If-Range: a bucket that the site redirects to has other tags, and the hash is checked at the end.
            if (from > 0)
                request.Headers.Range = new RangeHeaderValue(from, null);
            return request;
        }
    }

    public void Dispose() => http.Dispose();

    private RemoteFile Describe(HttpResponseMessage answer)
    {
        var hash = new byte[Sha256Digest.SizeInBytes];
        // Original sites write the tag without quotes, which a strict reader refuses.
        if (
            !answer.Headers.NonValidated.TryGetValues("ETag", out var tags)
            || !Convert.TryFromBase64String(tags.ToString().Trim('"'), hash, out var written)
            || written != hash.Length
            || answer.Content.Headers.ContentLength is not { } length
        )
            throw new CommandException(
                $"{url.Shown} is not an artifact of a Builder site: the answer has no SHA-256 (ETag) or no length; give https://SITE/job/JOB/build/UUID/f/PATH"
            );
        if (length > BoundedInput.MaxLength)
            throw new CommandException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"cannot download {url.Shown}: the site announces {length:N0} bytes, the limit is {BoundedInput.MaxLength:N0}"
                )
            );
        return new RemoteFile(answer.RequestMessage!.RequestUri!, Sha256Digest.FromBytes(hash), length);
    }

    private static HttpRequestMessage PatchRequest(HttpMethod method, RemoteFile remote, Sha256Digest baseDigest)
    {
        var request = new HttpRequestMessage(method, remote.Address);
        request.Headers.TryAddWithoutValidation("Accept-Encoding", Patch);
        request.Headers.TryAddWithoutValidation("Available-Dictionary", $":{Convert.ToBase64String(baseDigest.ToByteArray())}:");
        return request;
    }

    private static bool IsPatch(HttpResponseMessage answer) =>
        answer.StatusCode == HttpStatusCode.OK && answer.Content.Headers.ContentEncoding.SequenceEqual([Patch]);

    private async Task<Stream> BodyAsync(HttpResponseMessage answer, long maxLength, CancellationToken cancellationToken) =>
        new ResponseBody(await answer.Content.ReadAsStreamAsync(cancellationToken), maxLength, MaxSilence, progress);

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            time.CancelAfter(MaxSilence);
            try
            {
                return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, time.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException($"no answer within {MaxSilence.TotalSeconds:0} s");
            }
        }
    }

    private void Require(HttpResponseMessage answer)
    {
        if (!answer.IsSuccessStatusCode)
            throw new CommandException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"cannot download {url.Shown}: the site answers {(int)answer.StatusCode} {ReasonPhrases.GetReasonPhrase((int)answer.StatusCode)}"
                )
            );
    }
}
