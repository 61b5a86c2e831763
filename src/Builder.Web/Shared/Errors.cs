namespace Builder.Web.Shared;

/// <summary>What no route answered, and what went wrong: said without internals, logged with them.</summary>
internal static partial class Errors
{
    public static void UseErrors(this WebApplication app)
    {
        var pages = app.Services.GetRequiredService<Pages>();
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Builder.Web");
        app.Use(async (http, next) =>
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
            catch (BadHttpRequestException error) when (!http.Response.HasStarted)
            {
                if (error.StatusCode == StatusCodes.Status413PayloadTooLarge)
                    await SendAsync(http, pages, error.StatusCode, "Too large", "What was sent is larger than this site takes.");
                else
                    await SendAsync(http, pages, error.StatusCode, "Bad request", "The request is not one this site understands.");
                return;
            }
            catch (Exception error) when (!http.Response.HasStarted)
            {
                LogFailure(log, error, http.Request.Method, http.Request.Path);
                http.Response.Headers.Clear();
                await SendAsync(http, pages, StatusCodes.Status500InternalServerError, "Something went wrong", "The site could not answer this. Its log says why.");
                return;
            }
            if (http.Response is not { HasStarted: false, ContentType: null, ContentLength: null })
                return;
            // To those who look for pages, an address where there is only something to send to is none.
            if (http.Response.StatusCode == StatusCodes.Status404NotFound || (http.Response.StatusCode == StatusCodes.Status405MethodNotAllowed && IsReading(http.Request)))
            {
                http.Response.Headers.Allow = default;
                await (await Problems.NotFoundAsync(http, pages.Site, pages.Now)).SendAsync(http);
            }
            else if (http.Response.StatusCode == StatusCodes.Status405MethodNotAllowed)
            {
                await SendAsync(http, pages, StatusCodes.Status405MethodNotAllowed, "Not that way", $"{http.Request.Path.Value} takes {http.Response.Headers.Allow} only.");
            }
        });
    }

    /// <summary>Every address has one form. A path that begins with two slashes would read as another host, so it stays.</summary>
    public static void UseWithoutTrailingSlash(this WebApplication app) => app.Use(static (http, next) =>
    {
        var target = RawTarget.Of(http.Request);
        if (target.Path.Length < 2 || !target.Path.EndsWith('/') || target.Path.StartsWith("//", StringComparison.Ordinal))
            return next(http);
        http.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
        http.Response.Headers.Location = target.Path.TrimEnd('/') + target.Query;
        http.Response.ContentLength = 0;
        return Task.CompletedTask;
    });

    private static bool IsReading(HttpRequest request) => HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);

    private static async Task SendAsync(HttpContext http, Pages pages, int status, string title, string detail) =>
        await (await Problems.MakeAsync(http, pages.Site, pages.Now, status, title, detail)).SendAsync(http);

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private static partial void LogFailure(ILogger log, Exception error, string method, string path);
}
