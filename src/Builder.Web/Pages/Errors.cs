using System.Data.Common;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;
using Builder.Storage.Troubles;
using Builder.Web.Http;
using Builder.Web.Monitoring;
using Microsoft.AspNetCore.WebUtilities;

namespace Builder.Web.Pages;

/// <summary>What no route answered, and what went wrong: said without internals, logged with them.</summary>
internal static partial class Errors
{
    public static void UseErrors(this WebApplication app)
    {
        var pages = app.Services.GetRequiredService<PageResponder>();
        var troubles = app.Services.GetRequiredService<SiteTroubles>();
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Builder.Web");
        app.Use(
            async (http, next) =>
            {
                try
                {
                    await next(http);
                }
                catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
                {
                    // The client went away: there is nobody to answer.
                    return;
                }
                catch (DamagedContentException exception)
                {
                    LogDamaged(log, http.Request.Method, http.Request.Path, exception.Digest.ToString());
                    if (http.Response.HasStarted)
                    {
                        // Nothing that is cut off here may look complete.
                        http.Abort();
                        return;
                    }
                    http.Response.Headers.Clear();
                    SecurityHeaders.SetForPage(http.Response.Headers);
                    await SendAsync(
                        http,
                        pages,
                        StatusCodes.Status500InternalServerError,
                        "Damaged file",
                        $"The stored file with SHA-256 {exception.Digest} is damaged, so it is not sent. The operator has been told."
                    );
                    return;
                }
                catch (BadHttpRequestException exception) when (!http.Response.HasStarted)
                {
                    if (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
                        await SendAsync(http, pages, exception.StatusCode, "Too large", "What was sent is larger than this site takes.");
                    else
                        await SendAsync(http, pages, exception.StatusCode, "Bad request", "The request is not one this site understands.");
                    return;
                }
                catch (Exception exception) when (troubles.Note(exception) is { } trouble)
                {
                    await SayAsync(http, pages, trouble);
                    return;
                }
                catch (Exception exception) when (!http.Response.HasStarted)
                {
                    LogFailure(log, exception, http.Request.Method, http.Request.Path);
                    http.Response.Headers.Clear();
                    SecurityHeaders.SetForPage(http.Response.Headers);
                    if (exception is DbException && await WhyNotAsync(http, troubles) is { } reason)
                        await SayAsync(http, pages, reason);
                    else
                        await SendAsync(
                            http,
                            pages,
                            StatusCodes.Status500InternalServerError,
                            "Something went wrong",
                            "The site could not answer this. Its log says why."
                        );
                    return;
                }
                if (http.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null, ContentLength: null })
                    await ExplainAsync(http, pages);
            }
        );
    }

    /// <summary>The operator's log has it already.</summary>
    private static async Task SayAsync(HttpContext http, PageResponder pages, StorageTrouble trouble)
    {
        if (http.Response.HasStarted)
        {
            // Nothing that is cut off here may look complete.
            http.Abort();
            return;
        }
        var isUpload = HttpMethods.IsPost(http.Request.Method);
        var status =
            trouble.Kind == TroubleKind.DiskFull && isUpload
                ? StatusCodes.Status507InsufficientStorage
                : StatusCodes.Status503ServiceUnavailable;
        http.Response.Headers.Clear();
        SecurityHeaders.SetForPage(http.Response.Headers);
        http.Response.Headers.RetryAfter = Answer.RetryAfter;
        if (isUpload)
        {
            http.RequestServices.GetRequiredService<SiteMetrics>().Upload("unavailable");
            await Problems.RefuseAsync(http, status, $"{trouble.Summary} Send it again later.");
        }
        else
        {
            await SendAsync(http, pages, status, "Not now", $"{trouble.Summary} Nothing is lost: try again in a moment.");
        }
    }

    /// <summary>A query that fails for no reason of the machine may be one of another version's tables.</summary>
    private static async Task<StorageTrouble?> WhyNotAsync(HttpContext http, SiteTroubles troubles)
    {
        try
        {
            await http.RequestServices.GetRequiredService<BuilderDatabase>().ProbeAsync(http.RequestAborted);
            return null;
        }
        catch (Exception exception) when (exception is SchemaException or DbException)
        {
            return troubles.Note(exception);
        }
    }

    /// <summary>A status that came without a word gets some; what was said of a file does not hold for them.</summary>
    private static Task ExplainAsync(HttpContext http, PageResponder pages)
    {
        var headers = http.Response.Headers;
        headers.ETag = default;
        headers.LastModified = default;
        headers.CacheControl = default;
        SecurityHeaders.SetForPage(headers);
        switch (http.Response.StatusCode)
        {
            // To those who look for pages, an address where there is only something to send to is none.
            case StatusCodes.Status404NotFound:
            case StatusCodes.Status405MethodNotAllowed when IsReading(http.Request):
                headers.Allow = default;
                return SendAsync(http, pages, StatusCodes.Status404NotFound, "Not found", Problems.NothingAt(http.Request));
            case StatusCodes.Status405MethodNotAllowed:
                return SendAsync(
                    http,
                    pages,
                    StatusCodes.Status405MethodNotAllowed,
                    "Not that way",
                    $"{http.Request.Path.Value} takes {headers.Allow} only."
                );
            case StatusCodes.Status412PreconditionFailed:
                return SendAsync(
                    http,
                    pages,
                    StatusCodes.Status412PreconditionFailed,
                    "Not what was asked for",
                    "The file here is not the one that If-Match names. Without that header it is sent."
                );
            case StatusCodes.Status416RangeNotSatisfiable:
                return SendAsync(
                    http,
                    pages,
                    StatusCodes.Status416RangeNotSatisfiable,
                    "Not that far",
                    "The file has no bytes in the range that was asked for."
                );
            case StatusCodes.Status503ServiceUnavailable:
                return SendAsync(
                    http,
                    pages,
                    StatusCodes.Status503ServiceUnavailable,
                    "Busy",
                    "Too many ask for this at the moment. Try again in a few seconds."
                );
            case var status:
                return SendAsync(
                    http,
                    pages,
                    status,
                    ReasonPhrases.GetReasonPhrase(status),
                    "The request is not one this site can answer."
                );
        }
    }

    /// <summary>Every address has one form. A path that begins with two slashes would read as another host, so it stays.</summary>
    public static void UseWithoutTrailingSlash(this WebApplication app) =>
        app.Use(
            static (http, next) =>
            {
                var target = RawTarget.Of(http.Request);
                if (target.Path.Length < 2 || !target.Path.EndsWith('/') || target.Path.StartsWith("//", StringComparison.Ordinal))
                    return next(http);
                http.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
                http.Response.Headers.Location = target.Path.TrimEnd('/') + target.Query;
                http.Response.ContentLength = 0;
                return Task.CompletedTask;
            }
        );

    private static bool IsReading(HttpRequest request) => HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);

    private static async Task SendAsync(HttpContext http, PageResponder pages, int status, string title, string detail) =>
        await (await Problems.MakeAsync(http, pages.Site, pages.Now, status, title, detail)).SendAsync(http);

    [LoggerMessage(
        EventId = 2,
        Level = LogLevel.Error,
        Message = "{Method} {Path} was not answered, or cut off: the stored content with SHA-256 {Digest} is damaged"
    )]
    private static partial void LogDamaged(ILogger log, string method, string path, string digest);

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private static partial void LogFailure(ILogger log, Exception error, string method, string path);
}
