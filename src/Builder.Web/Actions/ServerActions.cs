using Builder.Storage.Accounts;
using Builder.Web.Accounts;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Live;
using Builder.Web.Pages;

namespace Builder.Web.Actions;

/// <summary>Passes on to the build server what operators want done, and answers with what came of it.</summary>
/// <param name="server">Null where the site knows none.</param>
internal sealed class ServerActions(BuildServer? server, Activity activity, AccountGate gate, AuditTrail trail)
{
    public Activity Activity => activity;

    /// <param name="find">What the request means; null where it answered that it means nothing.</param>
    public async Task RunAsync(HttpContext http, Func<Visitor, SubmittedForm, Task<ActionRequest?>> find)
    {
        if (await gate.ChangeAsync(http) is not var (visitor, form) || await find(visitor, form) is not { } request)
            return;
        if (!request.IsAllowed(visitor.User))
        {
            await gate.ForbidAsync(http, visitor, request.Action, request.Subject, request.WhoMay);
            return;
        }
        if (server is null)
        {
            await gate.RefuseAsync(
                http,
                StatusCodes.Status404NotFound,
                "No build server",
                "This site knows no build server: start it with --server HOST:PORT."
            );
            return;
        }
        string? refusal;
        try
        {
            // Not given up with the request: it is carried out, whoever waits for the answer.
            refusal = await server.ActAsync(request.Command, CancellationToken.None);
        }
        catch (BuildServerException exception)
        {
            await trail.AddAsync(http, visitor, request.Action, request.Subject, AuditOutcome.Failed, exception.Message);
            await gate.RefuseAsync(
                http,
                StatusCodes.Status502BadGateway,
                "The build server does not answer",
                $"{Sentence(exception.Message)} The site does not know whether it was done."
            );
            return;
        }
        activity.Expire();
        if (refusal is not null)
        {
            await trail.AddAsync(http, visitor, request.Action, request.Subject, AuditOutcome.Refused, refusal);
            await gate.RefuseAsync(
                http,
                StatusCodes.Status409Conflict,
                "The build server refused",
                $"The build server refused: {refusal}."
            );
            return;
        }
        await trail.AddAsync(http, visitor, request.Action, request.Subject);
        await EndAsync(http, visitor, request.Action, request.Subject, request.Page);
    }

    public Task RefuseAsync(HttpContext http, string detail, int status = StatusCodes.Status400BadRequest) =>
        gate.RefuseAsync(http, status, status == StatusCodes.Status404NotFound ? "Not found" : "Bad request", detail);

    /// <summary>JSON for a program; a browser goes back to where it was.</summary>
    public static Task EndAsync(HttpContext http, Visitor visitor, string action, string subject, string page)
    {
        if (visitor.FormToken is null || JsonText.IsWanted(http.Request))
        {
            return Answer
                .Json(json =>
                {
                    json.WriteStartObject();
                    json.WriteString("action", action);
                    json.WriteString("subject", subject);
                    json.WriteString("outcome", "done");
                    json.WriteEndObject();
                })
                .SendAsync(http);
        }
        var back = ReturnAddress.Referring(http.Request);
        return Answer.Redirect(StatusCodes.Status303SeeOther, Notices.After(back == Href.Home ? page : back, action)).SendAsync(http);
    }

    private static string Sentence(string text) => string.Concat(text[..1].ToUpperInvariant(), text.AsSpan(1), ".");
}
