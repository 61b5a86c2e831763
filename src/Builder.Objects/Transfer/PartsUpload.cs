using System.Globalization;
using System.Net;
using System.Text;

namespace Builder.Objects.Transfer;

/// <summary>A large file in parts: each is retried by itself, and the parts of a failed one are thrown away.</summary>
internal sealed class PartsUpload(StoreConnection connection, string key, string path, long length, string sha256)
{
    /// <summary>What S3 takes.</summary>
    private const int MaxParts = 10_000;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var upload = await BeginAsync(cancellationToken);
        try
        {
            var size = PartSize();
            var tags = new string[(int)((length + size - 1) / size)];
            await Parallel.ForAsync(
                0,
                tags.Length,
                new ParallelOptions { MaxDegreeOfParallelism = connection.Options.PartsAtOnce, CancellationToken = cancellationToken },
                async (number, cancellation) => tags[number] = await SendPartAsync(upload, number, size, cancellation)
            );
            await CompleteAsync(upload, tags, cancellationToken);
        }
        catch
        {
            await AbortAsync(upload);
            throw;
        }
    }

    private long PartSize()
    {
        const long mebibyte = 1 << 20;
        var needed = ((length / (MaxParts - 1)) + mebibyte) / mebibyte * mebibyte;
        return Math.Max(connection.Options.PartSize, needed);
    }

    private Task<string> BeginAsync(CancellationToken cancellationToken) =>
        connection.SendAsync(
            new StoreRequest(HttpMethod.Post, key)
            {
                Query = [new("uploads", "")],
                SignedHeaders = new Dictionary<string, string> { [ObjectClient.HashHeader] = sha256 },
            },
            async (response, idle) =>
            {
                using (response)
                    return StoreAnswer.UploadId(await StoreAnswer.TextAsync(response, idle.Token))
                        ?? throw connection.Refusal(response.StatusCode, "", "no upload id in the answer");
            },
            cancellationToken
        );

    private async Task<string> SendPartAsync(string upload, int number, long size, CancellationToken cancellationToken)
    {
        var offset = number * size;
        var part = await SentBody.FilePart.OfAsync(path, offset, Math.Min(size, length - offset), cancellationToken);
        return await connection.SendAsync(
            new StoreRequest(HttpMethod.Put, key)
            {
                Query = [new("partNumber", (number + 1).ToString(CultureInfo.InvariantCulture)), new("uploadId", upload)],
                Body = part,
            },
            (response, _) =>
            {
                using (response)
                    return Task.FromResult(
                        response.Headers.TryGetValues("ETag", out var tags)
                            ? tags.First()
                            : throw connection.Refusal(response.StatusCode, "", "no ETag for a part")
                    );
            },
            cancellationToken
        );
    }

    private async Task CompleteAsync(string upload, string[] tags, CancellationToken cancellationToken)
    {
        var body = new StringBuilder("<CompleteMultipartUpload>");
        for (var number = 0; number < tags.Length; number++)
            body.Append(
                CultureInfo.InvariantCulture,
                $"<Part><PartNumber>{number + 1}</PartNumber><ETag>{WebUtility.HtmlEncode(tags[number])}</ETag></Part>"
            );
        body.Append("</CompleteMultipartUpload>");
        var isThere = await connection.SendAsync(
            new StoreRequest(HttpMethod.Post, key)
            {
                Query = [new("uploadId", upload)],
                Body = new SentBody.Bytes(Encoding.UTF8.GetBytes(body.ToString())),
            },
            async (response, idle) =>
            {
                using (response)
                {
                    // Errors may come after 200 here: the answer begins before the work is done.
                    if (StoreAnswer.ErrorIn(await StoreAnswer.TextAsync(response, idle.Token)) is { } error)
                        throw connection.Refusal(HttpStatusCode.InternalServerError, error.Code, error.Message);
                    return response.IsSuccessStatusCode;
                }
            },
            cancellationToken,
            HttpStatusCode.NotFound
        );
        if (isThere)
            return;
        // An earlier attempt was carried out and its answer lost: then the object is there and the upload is gone.
        if ((await HeadAsync(cancellationToken))?.Length != length)
            throw connection.Refusal(HttpStatusCode.NotFound, "NoSuchUpload", "the parts are gone");
    }

    private Task<ObjectInfo?> HeadAsync(CancellationToken cancellationToken) =>
        ObjectClient.HeadAsync(connection, key, key, cancellationToken);

    private async Task AbortAsync(string upload)
    {
        try
        {
            using var patience = new CancellationTokenSource(connection.Options.IdleTimeout);
            await connection.SendAsync(
                new StoreRequest(HttpMethod.Delete, key) { Query = [new("uploadId", upload)] },
                static (response, _) =>
                {
                    response.Dispose();
                    return Task.FromResult(true);
                },
                patience.Token,
                HttpStatusCode.NotFound
            );
        }
        catch (Exception exception) when (exception is ObjectStoreException or OperationCanceledException)
        {
            // The store is away: a lifecycle rule of the bucket removes such parts (docs/scale.md).
        }
    }
}
