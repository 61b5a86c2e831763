using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Builder.Web.Html;
using RazorSlices;

namespace Builder.Web.Http;

/// <summary>
/// A whole answer in memory: a page, JSON or a redirect. It can be kept and sent again; its compressed forms are made when
/// first asked for.
/// </summary>
internal sealed class Answer
{
    /// <summary>In seconds, with each 503.</summary>
    public const string RetryAfter = "5";

    /// <summary>Below this a compressed answer is no faster.</summary>
    private const int SmallestCompressed = 1024;

    private byte[]? gzip;
    private byte[]? brotli;

    private Answer(int status, string? contentType, byte[] body, string? location = null)
    {
        Status = status;
        ContentType = contentType;
        Body = body;
        Location = location;
    }

    public int Status { get; }

    public string? ContentType { get; }

    public byte[] Body { get; }

    public string? Location { get; }

    private string? Tag { get; set; }

    private string? FileName { get; set; }

    private int MaxAge { get; set; }

    /// <summary>Clients may keep it for so many seconds, and then ask whether it changed.</summary>
    public Answer WithTag(int maxAge)
    {
        Tag = ETags.Strong(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Body).AsSpan(0, 16)));
        MaxAge = maxAge;
        return this;
    }

    /// <param name="fileName">ASCII without quotes and backslashes: what a browser calls the file where it is kept.</param>
    public Answer WithFileName(string fileName)
    {
        FileName = fileName;
        return this;
    }

    public int Size => Body.Length + (gzip?.Length ?? 0) + (brotli?.Length ?? 0) + 200;

    public static async ValueTask<Answer> PageAsync(RazorSlice slice, int status = StatusCodes.Status200OK)
    {
        using (slice)
        {
            var buffer = new MemoryStream(16 * 1024);
            var writer = PipeWriter.Create(buffer, new StreamPipeWriterOptions(leaveOpen: true));
            await slice.RenderAsync(writer, Markup.Encoder);
            await writer.CompleteAsync();
            return new Answer(status, "text/html; charset=utf-8", buffer.ToArray());
        }
    }

    public static Answer Json(Action<Utf8JsonWriter> write, int status = StatusCodes.Status200OK, string contentType = "application/json")
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, JsonText.Options))
            write(writer);
        return new Answer(status, contentType, buffer.WrittenSpan.ToArray());
    }

    public static Answer Html(byte[] page, int status = StatusCodes.Status200OK) => new(status, "text/html; charset=utf-8", page);

    public static Answer Text(string text, int status = StatusCodes.Status200OK) =>
        new(status, "text/plain; charset=utf-8", System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Bytes as they are, such as a signed document.</summary>
    public static Answer Document(byte[] body, string contentType) => new(StatusCodes.Status200OK, contentType, body);

    /// <param name="location">Path-absolute, never a full URL: unikernel managers parse it.</param>
    public static Answer Redirect(int status, string location) => new(status, null, [], location);

    public async Task SendAsync(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = Status;
        if (Status == StatusCodes.Status503ServiceUnavailable)
            response.Headers.RetryAfter = RetryAfter;
        if (Location is not null)
        {
            response.Headers.Location = Location;
            response.ContentLength = 0;
            return;
        }
        if (Tag is not null)
        {
            response.Headers.CacheControl = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"public, max-age={MaxAge}");
            response.Headers.ETag = Tag;
            response.Headers.Vary = "Accept, Accept-Encoding";
            if (ETags.TryAnswer(context, Tag))
                return;
        }
        response.ContentType = ContentType;
        if (FileName is not null)
            response.Headers.ContentDisposition = $"inline; filename=\"{FileName}\"";
        response.Headers.Vary = "Accept, Accept-Encoding";
        var body = Body;
        if (body.Length >= SmallestCompressed && ContentCoding.Choose(context.Request) is { } coding)
        {
            body = coding == "br" ? brotli ??= ContentCoding.Encode(Body, coding) : gzip ??= ContentCoding.Encode(Body, coding);
            response.Headers.ContentEncoding = coding;
        }
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await response.BodyWriter.WriteAsync(body, context.RequestAborted);
    }
}
