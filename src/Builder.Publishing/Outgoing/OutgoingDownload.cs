using System.Net;
using System.Net.Http.Headers;

namespace Builder.Publishing.Outgoing;

/// <summary>
/// Fetches files from addresses that configuration names: to allowed addresses alone, each redirect checked anew, within a time and a size, and only
/// when they changed.
/// </summary>
public sealed class OutgoingDownload : IDisposable
{
    /// <summary>For the whole file.</summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromMinutes(10);

    private const int MaxRedirects = 5;
    private const int Piece = 81920;

    private readonly HttpClient client;
    private readonly TimeProvider clock;

    public OutgoingDownload(GuardedConnector connector, TimeProvider clock)
    {
        this.clock = clock;
        client = new HttpClient(OutgoingHttp.CreateHandler(connector)) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("Builder", null));
    }

    /// <param name="tag">The ETag of the copy that is here; null without one.</param>
    /// <returns>The new ETag, null where the server gives none; and false where the file has not changed.</returns>
    /// <exception cref="IOException">It cannot be fetched; the message names the address and why.</exception>
    public async Task<(bool IsNew, string? Tag)> FetchAsync(
        Uri address,
        string? tag,
        long maxLength,
        Stream target,
        CancellationToken cancellationToken
    )
    {
        using var limit = new CancellationTokenSource(MaxTime, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            var current = address;
            for (var redirects = 0; ; redirects++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, current);
                if (tag is not null)
                    request.Headers.TryAddWithoutValidation("If-None-Match", tag);
                using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
                if (response.StatusCode == HttpStatusCode.NotModified && tag is not null)
                    return (false, tag);
                if (response.Headers.Location is { } location && (int)response.StatusCode is 301 or 302 or 303 or 307 or 308)
                {
                    current = Next(address, current, location, redirects);
                    continue;
                }
                if (response.StatusCode != HttpStatusCode.OK)
                    throw Failed(address, $"the server answers {(int)response.StatusCode}", null);
                if (response.Content.Headers.ContentLength > maxLength)
                    throw TooLong(address, maxLength);
                await CopyAsync(address, response, maxLength, target, both.Token);
                return (true, response.Headers.ETag?.ToString());
            }
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failed(address, $"not within {MaxTime.TotalMinutes} minutes", exception);
        }
        catch (HttpRequestException exception)
        {
            throw Failed(address, exception.InnerException?.Message ?? exception.Message, exception);
        }
    }

    public void Dispose() => client.Dispose();

    private static Uri Next(Uri address, Uri current, Uri location, int redirects)
    {
        var next = location.IsAbsoluteUri ? location : new Uri(current, location);
        if (redirects >= MaxRedirects)
            throw Failed(address, $"more than {MaxRedirects} redirects", null);
        // From https there is no way back to where others read along.
        return next.Scheme == Uri.UriSchemeHttps || (next.Scheme == Uri.UriSchemeHttp && current.Scheme == Uri.UriSchemeHttp)
            ? next
            : throw Failed(address, "it leads to an address that is not https", null);
    }

    private static async Task CopyAsync(
        Uri address,
        HttpResponseMessage response,
        long maxLength,
        Stream target,
        CancellationToken cancellationToken
    )
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[Piece];
        long length = 0;
        int read;
        while ((read = await body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            length += read;
            if (length > maxLength)
                throw TooLong(address, maxLength);
            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
    }

    private static IOException TooLong(Uri address, long maxLength) => Failed(address, $"it has more than {maxLength >> 20} MiB", null);

    private static IOException Failed(Uri address, string reason, Exception? inner) =>
        new(
            $"cannot fetch {address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)}: {reason}",
            inner
        );
}
