using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Builder.Objects.Addresses;
using Builder.Objects.Credentials;
using Builder.Objects.Signing;

namespace Builder.Objects.Transfer;

/// <summary>
/// Objects in a bucket of an S3-compatible store. Keys are relative to the address' prefix. Every request is retried a few times where that can
/// help; all methods throw <see cref="ObjectStoreException"/> where the store is away or refuses. Nothing is held in memory as a whole.
/// </summary>
public sealed class ObjectClient : IDisposable
{
    internal const string HashHeader = "x-amz-meta-sha256";

    private readonly StoreConnection connection;

    public ObjectClient(BucketAddress address, IAccessKeys keys, TimeProvider clock, ObjectClientOptions? options = null)
    {
        Address = address;
        connection = new StoreConnection(address, keys, options ?? new ObjectClientOptions(), clock);
    }

    public BucketAddress Address { get; }

    /// <summary>Sends a file; large ones in parts.</summary>
    /// <param name="sha256">Of the whole file, in lower case hex. The store refuses other bytes.</param>
    /// <param name="replaces">Whether an object of this key is overwritten; else it stays.</param>
    public async Task<PutOutcome> PutFileAsync(string key, string path, string sha256, bool replaces, CancellationToken cancellationToken)
    {
        var length = new FileInfo(path).Length;
        if (length <= connection.Options.PartSize)
            return await PutAsync(key, new SentBody.FilePart(path, 0, length, sha256), sha256, replaces, cancellationToken);
        if (!replaces && await HeadAsync(key, cancellationToken) is not null)
            return PutOutcome.AlreadyThere;
        await new PartsUpload(connection, Full(key), path, length, sha256).RunAsync(cancellationToken);
        return PutOutcome.Stored;
    }

    public Task<PutOutcome> PutBytesAsync(string key, ReadOnlyMemory<byte> content, bool replaces, CancellationToken cancellationToken)
    {
        var body = new SentBody.Bytes(content);
        return PutAsync(key, body, body.Sha256, replaces, cancellationToken);
    }

    /// <summary>Null where there is no such object.</summary>
    public Task<ObjectInfo?> HeadAsync(string key, CancellationToken cancellationToken) =>
        HeadAsync(connection, key, Full(key), cancellationToken);

    /// <summary>Null where there is no such object.</summary>
    /// <param name="from">The first byte.</param>
    /// <param name="length">How many bytes at most; null for all that follow.</param>
    /// <exception cref="ArgumentOutOfRangeException">The object ends before <paramref name="from"/>.</exception>
    public Task<ObjectDownload?> GetAsync(string key, CancellationToken cancellationToken, long from = 0, long? length = null)
    {
        var range =
            from == 0 && length is null ? null : new RangeHeaderValue(from, length is { } count ? from + count - 1 : null).ToString();
        return connection.SendAsync(
            new StoreRequest(HttpMethod.Get, Full(key))
            {
                Headers = range is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["Range"] = range },
            },
            async (response, idle) =>
            {
                try
                {
                    if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
                        throw new ArgumentOutOfRangeException(nameof(from), from, "the object ends before this byte");
                    if (response.StatusCode == HttpStatusCode.NotFound)
                        return await IsKeyMissingAsync(response, idle);
                    if ((range is null) != (response.StatusCode == HttpStatusCode.OK))
                        throw connection.Refusal(response.StatusCode, "", "it ignores the range that was asked for");
                    var here =
                        response.Content.Headers.ContentLength
                        ?? throw connection.Refusal(response.StatusCode, "", "it does not say how long the object is");
                    var whole = response.Content.Headers.ContentRange?.Length ?? here;
                    var body = await response.Content.ReadAsStreamAsync(idle.Token);
                    idle.Suspend();
                    return new ObjectDownload(Info(key, response, whole), here, new DownloadStream(body, response, idle, here, connection));
                }
                catch
                {
                    response.Dispose();
                    throw;
                }
            },
            cancellationToken,
            HttpStatusCode.NotFound,
            HttpStatusCode.RequestedRangeNotSatisfiable
        );
    }

    /// <summary>An object that is not there is no error.</summary>
    public Task DeleteAsync(string key, CancellationToken cancellationToken) =>
        connection.SendAsync(
            new StoreRequest(HttpMethod.Delete, Full(key)),
            static (response, _) =>
            {
                response.Dispose();
                return Task.FromResult(true);
            },
            cancellationToken
        );

    /// <summary>Copies within the bucket, up to 5 GiB; false where there is no such object.</summary>
    public Task<bool> CopyAsync(string from, string to, CancellationToken cancellationToken) =>
        connection.SendAsync(
            new StoreRequest(HttpMethod.Put, Full(to))
            {
                SignedHeaders = new Dictionary<string, string>
                {
                    ["x-amz-copy-source"] = $"/{Address.Bucket}/{KeyEncoding.EncodePath(Full(from))}",
                },
            },
            async (response, idle) =>
            {
                using (response)
                {
                    var text = await StoreAnswer.TextAsync(response, idle.Token);
                    if (response.IsSuccessStatusCode && StoreAnswer.ErrorIn(text) is { } error)
                        throw connection.Refusal(HttpStatusCode.InternalServerError, error.Code, error.Message);
                    return response.IsSuccessStatusCode;
                }
            },
            cancellationToken,
            HttpStatusCode.NotFound
        );

    /// <summary>All objects whose key begins so, by key, page after page.</summary>
    /// <param name="after">Begins behind this key.</param>
    public async IAsyncEnumerable<ObjectInfo> ListAsync(
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken,
        string? after = null,
        int pageSize = 1000
    )
    {
        string? next = null;
        do
        {
            var (objects, continuation) = await PageAsync(prefix, after, next, pageSize, cancellationToken);
            foreach (var one in objects.Where(one => one.Key.StartsWith(Address.Prefix, StringComparison.Ordinal)))
                yield return one with
                {
                    Key = one.Key[Address.Prefix.Length..],
                };
            next = continuation;
        } while (next is not null);
    }

    /// <summary>Where anybody can get the object until it expires, at most 7 days from now.</summary>
    /// <param name="contentType">With which it is answered.</param>
    /// <param name="disposition">A value of <c>Content-Disposition</c>.</param>
    public Uri Presign(string key, TimeSpan lifetime, string? contentType = null, string? disposition = null)
    {
        var query = new List<KeyValuePair<string, string>>();
        if (contentType is not null)
            query.Add(new("response-content-type", contentType));
        if (disposition is not null)
            query.Add(new("response-content-disposition", disposition));
        return connection.Presign(Full(key), query, lifetime);
    }

    /// <summary>Whether bucket and key work: lists at most one object.</summary>
    public Task CheckAsync(CancellationToken cancellationToken) => PageAsync("", after: null, next: null, pageSize: 1, cancellationToken);

    public void Dispose() => connection.Dispose();

    internal static Task<ObjectInfo?> HeadAsync(StoreConnection connection, string key, string full, CancellationToken cancellationToken) =>
        connection.SendAsync(
            new StoreRequest(HttpMethod.Head, full),
            (response, _) =>
            {
                using (response)
                {
                    return Task.FromResult(
                        response.StatusCode == HttpStatusCode.NotFound
                            ? null
                            : Info(key, response, response.Content.Headers.ContentLength ?? 0)
                    );
                }
            },
            cancellationToken,
            HttpStatusCode.NotFound
        );

    private static ObjectInfo Info(string key, HttpResponseMessage response, long length) =>
        new(
            key,
            length,
            response.Content.Headers.LastModified ?? DateTimeOffset.MinValue,
            response.Headers.TryGetValues(HashHeader, out var hash) ? hash.First() : null
        );

    private Task<PutOutcome> PutAsync(string key, SentBody body, string sha256, bool replaces, CancellationToken cancellationToken) =>
        connection.SendAsync(
            new StoreRequest(HttpMethod.Put, Full(key))
            {
                Body = body,
                SignedHeaders = new Dictionary<string, string> { [HashHeader] = sha256 },
                Headers = replaces ? new Dictionary<string, string>() : new Dictionary<string, string> { ["If-None-Match"] = "*" },
            },
            static (response, _) =>
            {
                using (response)
                    return Task.FromResult(
                        response.StatusCode == HttpStatusCode.PreconditionFailed ? PutOutcome.AlreadyThere : PutOutcome.Stored
                    );
            },
            cancellationToken,
            HttpStatusCode.PreconditionFailed
        );

    private Task<(IReadOnlyList<ObjectInfo> Objects, string? Next)> PageAsync(
        string prefix,
        string? after,
        string? next,
        int pageSize,
        CancellationToken cancellationToken
    )
    {
        var query = new List<KeyValuePair<string, string>>
        {
            new("list-type", "2"),
            new("encoding-type", "url"),
            new("max-keys", pageSize.ToString(CultureInfo.InvariantCulture)),
            new("prefix", Full(prefix)),
        };
        if (after is not null)
            query.Add(new("start-after", Full(after)));
        if (next is not null)
            query.Add(new("continuation-token", next));
        return connection.SendAsync(
            new StoreRequest(HttpMethod.Get, "") { Query = query },
            async (response, idle) =>
            {
                using (response)
                    return StoreAnswer.List(await StoreAnswer.TextAsync(response, idle.Token));
            },
            cancellationToken
        );
    }

    /// <summary>A missing bucket is an error where a missing object is an answer.</summary>
    private async Task<ObjectDownload?> IsKeyMissingAsync(HttpResponseMessage response, IdleLimit idle)
    {
        using (response)
        {
            var (code, message) = await StoreAnswer.ErrorAsync(response, idle.Token);
            return code == "NoSuchBucket" ? throw connection.Refusal(response.StatusCode, code, message) : null;
        }
    }

    private string Full(string key) => Address.Prefix + key;
}
