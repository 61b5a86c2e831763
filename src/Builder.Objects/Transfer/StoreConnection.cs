using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Builder.Objects.Addresses;
using Builder.Objects.Credentials;
using Builder.Objects.Signing;

namespace Builder.Objects.Transfer;

/// <summary>Signs and sends requests, again where that can help, and says what went wrong where it cannot.</summary>
internal sealed class StoreConnection : IDisposable
{
    private const int LengthWorthAsking = 64 * 1024;

    private readonly BucketAddress address;
    private readonly IAccessKeys keys;
    private readonly ObjectClientOptions options;
    private readonly TimeProvider clock;
    private readonly RequestSigner signer;
    private readonly HttpClient http;

    public StoreConnection(BucketAddress address, IAccessKeys keys, ObjectClientOptions options, TimeProvider clock)
    {
        (this.address, this.keys, this.options, this.clock) = (address, keys, options, clock);
        signer = new RequestSigner(address.Region);
        http = new HttpClient(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                AutomaticDecompression = DecompressionMethods.None,
                UseCookies = false,
                ConnectTimeout = options.ConnectTimeout,
                // Names of buckets move between addresses.
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                ActivityHeadersPropagator = null,
            }
        )
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public string Store => address.ToString();

    public ObjectClientOptions Options => options;

    /// <summary>A new limit for one attempt.</summary>
    public IdleLimit Limit(CancellationToken cancellationToken) => new(options.IdleTimeout, clock, cancellationToken);

    /// <summary>The address of a request that anybody can send until it expires.</summary>
    public Uri Presign(string key, IEnumerable<KeyValuePair<string, string>> query, TimeSpan lifetime)
    {
        var path = Path(key);
        return Exactly($"{path}?{signer.Presign("GET", path, query, address.Endpoint.Authority, lifetime, Key(), clock.GetUtcNow())}");
    }

    /// <summary>Sends until it is answered in a way that another attempt would not change.</summary>
    /// <param name="read">Gets every answer but those that are errors; what it throws of the network counts as a failed attempt.</param>
    /// <param name="accepted">Error statuses that are answers here.</param>
    public async Task<T> SendAsync<T>(
        StoreRequest request,
        Func<HttpResponseMessage, IdleLimit, Task<T>> read,
        CancellationToken cancellationToken,
        params HttpStatusCode[] accepted
    )
    {
        for (var attempt = 1; ; attempt++)
        {
            ObjectStoreException failure;
            var idle = Limit(cancellationToken);
            var isHandedOver = false;
            try
            {
                var response = await http.SendAsync(Sign(request, idle), HttpCompletionOption.ResponseHeadersRead, idle.Token);
                idle.Restart();
                if (response.IsSuccessStatusCode || accepted.Contains(response.StatusCode))
                {
                    var result = await read(response, idle);
                    isHandedOver = result is ObjectDownload;
                    return result;
                }
                using (response)
                    failure = await RefusalAsync(response, idle.Token);
            }
            catch (OperationCanceledException exception) when (idle.IsReached && !cancellationToken.IsCancellationRequested)
            {
                failure = Stalled(exception);
            }
            catch (Exception exception)
                when (exception is HttpRequestException or IOException and not (ObjectStoreException or FileNotFoundException))
            {
                failure = idle.IsReached ? Stalled(exception) : Broken(exception);
            }
            finally
            {
                if (!isHandedOver)
                    idle.Dispose();
            }
            if (!IsWorthRetrying(failure.Fault) || attempt >= options.Attempts)
                throw failure;
            var pause = options.FirstPause * Math.Pow(2, attempt - 1);
            await Task.Delay(pause + (pause * (0.5 * Random.Shared.NextDouble())), clock, cancellationToken);
        }
    }

    public ObjectStoreException Stalled(Exception? cause = null) =>
        Failure(
            ObjectStoreFault.TimedOut,
            string.Create(
                CultureInfo.InvariantCulture,
                $"said nothing for {options.IdleTimeout.TotalSeconds:0.#} s: see that it runs and is not overloaded"
            ),
            cause
        );

    public ObjectStoreException Broken(Exception cause) =>
        Failure(
            ObjectStoreFault.Unreachable,
            cause switch
            {
                HttpRequestException { InnerException: AuthenticationException refusal } =>
                    $"has a certificate that is not trusted: {refusal.Message.TrimEnd('.')}",
                HttpRequestException { InnerException: SocketException { SocketErrorCode: SocketError.HostNotFound } } =>
                    "has an unknown host name: correct endpoint= in the address",
                _ => $"cannot be reached: {(cause.InnerException ?? cause).Message.TrimEnd('.')}",
            },
            cause
        );

    public void Dispose() => http.Dispose();

    public ObjectStoreException Refusal(HttpStatusCode status, string code, string message, DateTimeOffset? theirs = null)
    {
        var detail = string.Create(
            CultureInfo.InvariantCulture,
            $"answered {(int)status} {code}{(message.Length == 0 ? "" : ": ")}{message.TrimEnd('.')}"
        );
        return code switch
        {
            "NoSuchBucket" => Failure(
                ObjectStoreFault.NoSuchBucket,
                $"has no bucket \"{address.Bucket}\": create it, or correct the address"
            ),
            "InvalidAccessKeyId" or "SignatureDoesNotMatch" or "ExpiredToken" or "InvalidToken" or "TokenRefreshRequired" => Failure(
                ObjectStoreFault.KeyRefused,
                $"refuses the access key ({code}): see AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and the credentials file"
            ),
            "RequestTimeTooSkewed" => Failure(
                ObjectStoreFault.ClockSkew,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"refuses requests because the clocks differ (here {clock.GetUtcNow():u}, there {theirs?.ToString("u", CultureInfo.InvariantCulture) ?? "unknown"}): set this machine's clock"
                )
            ),
            "XAmzContentSHA256Mismatch" or "BadDigest" => Failure(
                ObjectStoreFault.Damaged,
                $"received other bytes than were sent ({code})"
            ),
            "RequestTimeout" => Failure(ObjectStoreFault.TimedOut, detail),
            "SlowDown" or "ConditionalRequestConflict" or "OperationAborted" => Failure(ObjectStoreFault.Overloaded, detail),
            _ when status is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized => Failure(
                ObjectStoreFault.AccessDenied,
                $"denies access to bucket \"{address.Bucket}\" ({(int)status} {code}): let the access key list, read, write and delete in it"
            ),
            _ when (int)status >= 500 || status == HttpStatusCode.TooManyRequests => Failure(ObjectStoreFault.Overloaded, detail),
            _ => Failure(ObjectStoreFault.Refused, detail),
        };
    }

    private static bool IsWorthRetrying(ObjectStoreFault fault) =>
        fault is ObjectStoreFault.Unreachable or ObjectStoreFault.TimedOut or ObjectStoreFault.Overloaded or ObjectStoreFault.Damaged;

    private async Task<ObjectStoreException> RefusalAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var (code, message) = await StoreAnswer.ErrorAsync(response, cancellationToken);
        return Refusal(response.StatusCode, code, message, response.Headers.Date);
    }

    private ObjectStoreException Failure(ObjectStoreFault fault, string what, Exception? cause = null) =>
        new(fault, Store, $"the object store {address.Endpoint.Authority} {what}", cause);

    private AccessKey Key()
    {
        try
        {
            return keys.Current();
        }
        catch (AccessKeyMissingException exception)
        {
            throw new ObjectStoreException(ObjectStoreFault.NoKey, Store, exception.Message, exception);
        }
    }

    private HttpRequestMessage Sign(StoreRequest request, IdleLimit idle)
    {
        var (key, now, path) = (Key(), clock.GetUtcNow(), Path(request.Key));
        var signed = new Dictionary<string, string>(request.SignedHeaders, StringComparer.Ordinal)
        {
            ["host"] = address.Endpoint.Authority,
            ["x-amz-content-sha256"] = request.Body.Sha256,
            ["x-amz-date"] = RequestSigner.Time(now),
        };
        if (key.SessionToken is { } token)
            signed["x-amz-security-token"] = token;
        var authorization = signer.Authorize(request.Method.Method, path, request.Query, signed, request.Body.Sha256, key, now);
        var query = RequestSigner.CanonicalQuery(request.Query);
        var message = new HttpRequestMessage(request.Method, Exactly(query.Length == 0 ? path : $"{path}?{query}"));
        foreach (var (name, value) in signed)
            message.Headers.TryAddWithoutValidation(name, value);
        foreach (var (name, value) in request.Headers)
            message.Headers.TryAddWithoutValidation(name, value);
        message.Headers.TryAddWithoutValidation("Authorization", authorization);
        if (request.Method == HttpMethod.Put || request.Method == HttpMethod.Post)
            message.Content = request.Body.ToContent(idle);
        // A refusal must come before the body: else the store closes the connection under it, and the reason is lost.
        if (request.Body.Length > LengthWorthAsking)
            message.Headers.ExpectContinue = true;
        return message;
    }

    private string Path(string key) => $"/{address.Bucket}{(key.Length == 0 ? "" : "/" + KeyEncoding.EncodePath(key))}";

    /// <summary>As it was signed: no part of it is normalised.</summary>
    private Uri Exactly(string pathAndQuery) =>
        new(
            address.Endpoint.GetLeftPart(UriPartial.Authority) + pathAndQuery,
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }
        );
}
