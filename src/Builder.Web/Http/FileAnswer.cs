using Builder.Storage.Artifacts;
using Microsoft.Net.Http.Headers;

namespace Builder.Web.Http;

/// <summary>Sends a file: whole, a range of it, or the news that the client has it already.</summary>
internal static class FileAnswer
{
    public static async Task SendAsync(HttpContext http, StoredContent content, string contentType, FileVersion version)
    {
        var response = http.Response;
        version.Describe(response.Headers);
        response.Headers.AcceptRanges = "bytes";
        if (version.TryAnswer(http))
            return;
        response.ContentType = contentType;
        var range = RequestedRange(http.Request, content.Length, version);
        if (range is { Length: 0 })
        {
            response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
            response.Headers.ContentRange = new ContentRangeHeaderValue(content.Length).ToString();
            response.ContentType = null;
            return;
        }
        var (start, length) = range is { } part ? (part.Start, part.Length) : (0, content.Length);
        if (range is not null)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = new ContentRangeHeaderValue(start, start + length - 1, content.Length).ToString();
        }
        response.ContentLength = length;
        if (HttpMethods.IsHead(http.Request.Method) || length == 0)
            return;
        await CopyAsync(http, content, start, length);
    }

    /// <summary>Null: the whole. Length 0: a range that is not there. Several ranges are answered with the whole, as RFC 9110 allows.</summary>
    private static (long Start, long Length)? RequestedRange(HttpRequest request, long length, FileVersion version)
    {
        if (
            !HttpMethods.IsGet(request.Method)
            || request.Headers.Range.Count != 1
            || !RangeHeaderValue.TryParse(request.Headers.Range[0], out var header)
            || header.Unit != "bytes"
            || header.Ranges.Count != 1
        )
        {
            return null;
        }
        // If-Range: a part of another version would be worse than the whole.
        if (!version.AllowsRange(request))
            return null;
        var range = header.Ranges.First();
        if (range.From is not { } from)
        {
            var suffix = Math.Min(range.To ?? 0, length);
            return suffix == 0 ? (0, 0) : (length - suffix, suffix);
        }
        if (from >= length)
            return (0, 0);
        return (from, Math.Min(range.To ?? length - 1, length - 1) - from + 1);
    }

    private static async Task CopyAsync(HttpContext http, StoredContent content, long start, long length)
    {
        var pieces = http.RequestServices.GetRequiredService<DownloadPieces>();
        pieces.Begin();
        try
        {
            var stream = content.Stream;
            stream.Seek(start, SeekOrigin.Begin);
            var writer = http.Response.BodyWriter;
            while (length > 0)
            {
                var memory = writer.GetMemory(pieces.SizeInBytes);
                // Not asynchronous: that would only have another thread of the same pool wait for the disk, and most of what is asked for is in memory.
                var wanted = memory[..(int)Math.Min(memory.Length, length)];
                var read = content.IsRemote ? await stream.ReadAsync(wanted, http.RequestAborted) : stream.Read(wanted.Span);
                if (read == 0)
                    throw new EndOfStreamException($"an artifact is {length} bytes shorter than when it was opened");
                writer.Advance(read);
                length -= read;
                var flushed = await writer.FlushAsync(http.RequestAborted);
                if (flushed.IsCompleted)
                    return;
            }
        }
        finally
        {
            pieces.End();
        }
    }
}
