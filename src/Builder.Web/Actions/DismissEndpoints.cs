using Builder.Analysis.Advisories;
using Builder.Protocol.Values;
using Builder.Storage.Index;
using Builder.Web.Accounts;
using Builder.Web.Find;
using Builder.Web.Html;
using Builder.Web.Options;

namespace Builder.Web.Actions;

/// <summary>An operator says that a job is not affected by an advisory, and why.</summary>
internal static class DismissEndpoints
{
    private const int MaxReason = 1000;
    private const string WhoMay =
        "Dismissing advisories takes the role operator without restriction, and for a token the scope \"operate\".";

    public static void MapDismiss(this IEndpointRouteBuilder routes) => routes.MapPost("/advisories/{id}/dismiss", DismissAsync);

    private static async Task DismissAsync(
        HttpContext http,
        string id,
        AccountGate gate,
        AdvisoryFolder advisories,
        WebOptions options,
        AuditTrail trail
    )
    {
        if (await gate.ChangeAsync(http) is not var (visitor, form))
            return;
        var subject = $"{id} for {form["job"]}";
        if (!visitor.User.MayOperate)
        {
            await gate.ForbidAsync(http, visitor, "dismiss", subject, WhoMay);
            return;
        }
        var because = form["because"] ?? "";
        string? problem =
            !AdvisoryId.IsValid(id) ? $"\"{id}\" is not the id of an advisory."
            : because.Length is 0 or > MaxReason ? $"\"because\": a reason of 1 to {MaxReason} characters is needed."
            : !JobName.TryParse(form["job"] ?? "", out _, out var reason) ? $"\"job\": {reason}"
            : null;
        if (problem is not null)
        {
            await gate.RefuseAsync(http, StatusCodes.Status400BadRequest, "Bad request", problem);
            return;
        }
        var time = Wording.Rfc3339(Timestamp.Now(options.Clock));
        await advisories.DismissAsync(new Dismissal(id, form["job"]!, because, time), http.RequestAborted);
        await trail.AddAsync(http, visitor, "dismiss", subject, detail: because);
        await ServerActions.EndAsync(http, visitor, "dismiss", subject, Href.Advisory(id));
    }
}
