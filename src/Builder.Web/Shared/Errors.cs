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
            // A method that a page does not have is to those who look for pages the same as no page.
            if (http.Response is { HasStarted: false, StatusCode: StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed, ContentType: null, ContentLength: null })
                await (await Problems.NotFoundAsync(http, pages.Site, pages.Now)).SendAsync(http);
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

    private static async Task SendAsync(HttpContext http, Pages pages, int status, string title, string detail) =>
        await (await Problems.MakeAsync(http, pages.Site, pages.Now, status, title, detail)).SendAsync(http);

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private static partial void LogFailure(ILogger log, Exception error, string method, string path);
}
