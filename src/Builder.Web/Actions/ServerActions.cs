using Builder.Protocol.Messages;
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
    private const int MaxDetail = 2000;

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

    /// <summary>As one action: the server is asked for each, and the answer says which it took.</summary>
    /// <param name="isAllowed">Whether a user may do all of it.</param>
    /// <param name="find">What is to be done, each with its name; null where the request was answered already.</param>
    public async Task RunAllAsync(
        HttpContext http,
        string action,
        string subject,
        Func<User, bool> isAllowed,
        string whoMay,
        string page,
        Func<Task<IReadOnlyList<(string Name, Command Command)>?>> find
    )
    {
        if (await gate.ChangeAsync(http) is not var (visitor, _))
            return;
        if (!isAllowed(visitor.User))
        {
            await gate.ForbidAsync(http, visitor, action, subject, whoMay);
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
        if (await find() is not { } commands)
            return;
        var results = new List<(string Name, string? Refusal)>();
        foreach (var (name, command) in commands)
        {
            try
            {
                results.Add((name, await server.ActAsync(command, CancellationToken.None)));
            }
            catch (BuildServerException exception)
            {
                results.Add((name, $"the build server does not answer: {exception.Message}"));
            }
        }
        activity.Expire();
        var refused = results.Where(static one => one.Refusal is not null).ToList();
        var detail = string.Join(
            "; ",
            results.Select(static one => one.Refusal is null ? $"{one.Name} queued" : $"{one.Name}: {one.Refusal}")
        );
        await trail.AddAsync(
            http,
            visitor,
            action,
            subject,
            refused.Count == results.Count && results.Count > 0 ? AuditOutcome.Refused : AuditOutcome.Done,
            detail.Length > MaxDetail ? detail[..MaxDetail] : detail
        );
        if (visitor.FormToken is not null && !JsonText.IsWanted(http.Request) && refused.Count > 0)
            await gate.RefuseAsync(http, StatusCodes.Status409Conflict, "The build server refused", $"{Sentence(detail)}");
        else if (visitor.FormToken is not null && !JsonText.IsWanted(http.Request))
            await EndAsync(http, visitor, action, subject, page);
        else
            await WriteAsync(http, action, subject, results);
    }

    private static Task WriteAsync(HttpContext http, string action, string subject, List<(string Name, string? Refusal)> results) =>
        Answer
            .Json(json =>
            {
                json.WriteStartObject();
                json.WriteString("action", action);
                json.WriteString("subject", subject);
                json.WriteString("outcome", results.TrueForAll(static one => one.Refusal is null) ? "done" : "refused");
                json.WriteStartArray("jobs");
                foreach (var (name, refusal) in results)
                {
                    json.WriteStartObject();
                    json.WriteString("job", name);
                    json.WriteString("refusal", refusal);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
                json.WriteEndObject();
            })
            .SendAsync(http);

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
