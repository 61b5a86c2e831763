using Builder.Protocol;

namespace Builder.Web.Shared;

/// <summary>What cannot be answered: a page for people, problem details (RFC 9457) for programs.</summary>
internal static class Problems
{
    public static ValueTask<Answer> NotFoundAsync(HttpContext http, SiteInfo site, Timestamp now) =>
        MakeAsync(http, site, now, StatusCodes.Status404NotFound, "Not found", $"There is nothing at {http.Request.Path.Value}.");

    public static ValueTask<Answer> MakeAsync(HttpContext http, SiteInfo site, Timestamp now, int status, string title, string detail) =>
        JsonText.IsWanted(http.Request)
            ? ValueTask.FromResult(Json(status, title, detail))
            : Answer.PageAsync(
                Problem.Create(new ProblemPage(new Frame(site, title, Place.None, now) { NoIndex = true }, status, title, detail)),
                status);

    public static Answer Json(int status, string title, string detail) => Answer.Json(
        json =>
        {
            json.WriteStartObject();
            json.WriteString("type", "about:blank");
            json.WriteString("title", title);
            json.WriteNumber("status", status);
            json.WriteString("detail", detail);
            json.WriteEndObject();
        },
        status,
        "application/problem+json");
}

public sealed record ProblemPage(Frame Frame, int Status, string Title, string Detail);
