using System.Text;
using System.Text.Json;
using Builder.Protocol.Values;
using Builder.Web.Html;
using Builder.Web.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Builder.Web.Pages;

/// <summary>What cannot be answered: a page for people, problem details (RFC 9457) for programs.</summary>
internal static class Problems
{
    public static ValueTask<Answer> NotFoundAsync(HttpContext http, SiteInfo site, Timestamp now) =>
        MakeAsync(http, site, now, StatusCodes.Status404NotFound, "Not found", NothingAt(http.Request));

    public static string NothingAt(HttpRequest request) => $"There is nothing at {request.Path.Value}.";

    /// <param name="what">A sentence: too many of what.</param>
    public static ValueTask<Answer> BusyAsync(HttpContext http, SiteInfo site, Timestamp now, string what) =>
        MakeAsync(http, site, now, StatusCodes.Status503ServiceUnavailable, "Busy", what + " Try again in a few seconds.");

    /// <param name="more">Facts beside the sentence, for programs.</param>
    /// <param name="links">Where to go on.</param>
    public static ValueTask<Answer> MakeAsync(
        HttpContext http,
        SiteInfo site,
        Timestamp now,
        int status,
        string title,
        string detail,
        Action<Utf8JsonWriter>? more = null,
        IReadOnlyList<ProblemLink>? links = null
    ) =>
        JsonText.IsWanted(http.Request)
            ? ValueTask.FromResult(Json(status, title, detail, more))
            : Answer.PageAsync(
                Problem.Create(
                    new ProblemPage(
                        new PageLayout(site, title, NavigationEntry.None, new PageClock(now))
                        {
                            NoIndex = true,
                            Visitor = Visitor.Of(http),
                        },
                        status,
                        title,
                        detail,
                        links ?? []
                    )
                ),
                status
            );

    public static Answer Json(int status, string title, string detail, Action<Utf8JsonWriter>? more = null) =>
        Answer.Json(
            json =>
            {
                json.WriteStartObject();
                json.WriteString("type", "about:blank");
                json.WriteString("title", title);
                json.WriteNumber("status", status);
                json.WriteString("detail", detail);
                more?.Invoke(json);
                json.WriteEndObject();
            },
            status,
            "application/problem+json"
        );

    /// <summary>A refusal: a line of text, or problem details for who asks for them.</summary>
    public static async Task RefuseAsync(HttpContext http, int status, string text)
    {
        if (JsonText.IsWanted(http.Request, other: "text/plain"))
        {
            await Json(status, ReasonPhrases.GetReasonPhrase(status), text).SendAsync(http);
            return;
        }
        var body = Encoding.UTF8.GetBytes(text + "\n");
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.ContentLength = body.Length;
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }
}

public sealed record ProblemPage(PageLayout PageLayout, int Status, string Title, string Detail, IReadOnlyList<ProblemLink> Links);

public sealed record ProblemLink(string Text, string Address);
