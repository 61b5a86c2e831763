using System.Globalization;
using System.Net;
using Builder.Storage.Accounts;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Accounts;

/// <summary>
/// Who asks, and whether that counts: a session with the form's token and from a page of this site, or a token or password that a program brought along.
/// </summary>
internal sealed class AccountGate(Authenticator authenticator, ApiTokens tokens, PageResponder pages, AuditTrail trail)
{
    private const string Challenge = "Bearer realm=\"builder-web\"";

    /// <summary>Programs send it in place of the field of a form.</summary>
    private const string TokenHeader = "X-Form-Token";

    /// <summary>Who asks to read something; null where the answer has been given already.</summary>
    public async Task<Visitor?> ReadAsync(HttpContext http)
    {
        if (http.Request.Headers.Authorization.Count > 0)
            return await IdentifyAsync(http);
        if (Visitor.Of(http) is { } visitor)
            return visitor;
        await AskToSignInAsync(http, http.Request.Path.Value + http.Request.QueryString.Value);
        return null;
    }

    /// <summary>Who asks to change something, and with which words; null where the answer has been given already.</summary>
    public async Task<(Visitor Visitor, SubmittedForm Form)?> ChangeAsync(HttpContext http)
    {
        if (await SubmittedForm.ReadAsync(http.Request, http.RequestAborted) is not { } form)
        {
            await RefuseAsync(
                http,
                StatusCodes.Status400BadRequest,
                "Bad request",
                "The request is neither a form (application/x-www-form-urlencoded) nor a JSON object."
            );
            return null;
        }
        if (http.Request.Headers.Authorization.Count > 0)
            return await IdentifyAsync(http) is { } program ? (program, form) : null;
        if (Visitor.Of(http) is not { FormToken: { } expected } visitor)
        {
            await AskToSignInAsync(http, ReturnAddress.Referring(http.Request));
            return null;
        }
        var token = form[ActionForm.TokenField] ?? (http.Request.Headers[TokenHeader] is [{ } header] ? header : null);
        if (SaysWhereItComesFrom(http.Request) && BrowserCookies.AreEqual(token, expected))
            return (visitor, form);
        await trail.AddAsync(
            http,
            visitor,
            "forged",
            http.Request.Path.Value ?? "",
            AuditOutcome.Refused,
            "not from a form of this session"
        );
        await RefuseAsync(
            http,
            StatusCodes.Status403Forbidden,
            "Not from this page",
            "The request did not come from a page of this site that was made for your session, so nothing was done. Load the page again, then try again."
        );
        return null;
    }

    /// <summary>Says no to who is known, and keeps that.</summary>
    public async Task ForbidAsync(HttpContext http, Visitor visitor, string action, string subject, string reason)
    {
        await trail.AddAsync(http, visitor, action, subject, AuditOutcome.Refused, reason);
        await RefuseAsync(http, StatusCodes.Status403Forbidden, "Not allowed", reason);
    }

    public async Task RefuseAsync(HttpContext http, int status, string title, string detail)
    {
        http.Response.Headers.CacheControl = "no-store";
        // A program that brought a token wants no page.
        if (http.Request.Headers.Authorization.Count > 0)
            await Problems.Json(status, title, detail).SendAsync(http);
        else
            await (await Problems.MakeAsync(http, pages.Site, pages.Now, status, title, detail)).SendAsync(http);
    }

    /// <summary>Every browser of today says it with a request that changes something; whether it is ours was looked at before.</summary>
    public static bool SaysWhereItComesFrom(HttpRequest request) =>
        request.Headers.Origin.Count > 0 || request.Headers["Sec-Fetch-Site"].Count > 0;

    private async Task<Visitor?> IdentifyAsync(HttpContext http)
    {
        if (RequestCredentials.Of(http.Request) is not { } credentials)
            return await UnauthorizedAsync(http, "The Authorization header is neither Bearer with a token nor Basic.");
        if (ApiTokens.IsToken(credentials.Password))
        {
            return await tokens.FindAsync(credentials.Password, http.RequestAborted) is var (user, token)
                ? new Visitor(user, $"token {token.Name}")
                : await UnauthorizedAsync(http, "The token is not known, was revoked, or has expired.");
        }
        if (credentials.Name is null)
            return await UnauthorizedAsync(http, "The token is not known, was revoked, or has expired.");
        var address = http.Connection.RemoteIpAddress ?? IPAddress.None;
        switch (await authenticator.AuthenticateAsync(credentials.Name, credentials.Password, address, http.RequestAborted))
        {
            case Authentication.Accepted accepted:
                return new Visitor(accepted.User, "password");
            case Authentication.Throttled throttled:
                var seconds = Math.Ceiling(throttled.RetryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
                http.Response.Headers.RetryAfter = seconds;
                await RefuseAsync(
                    http,
                    StatusCodes.Status429TooManyRequests,
                    "Too many attempts",
                    $"Too many wrong passwords, or too many attempts at once. Try again in {seconds} s."
                );
                return null;
            default:
                return await UnauthorizedAsync(http, "The name or the password is wrong.");
        }
    }

    private async Task<Visitor?> UnauthorizedAsync(HttpContext http, string reason)
    {
        await trail.FailedAsync(http, "", "program", reason);
        http.Response.Headers.WWWAuthenticate = Challenge;
        await RefuseAsync(http, StatusCodes.Status401Unauthorized, "Unauthorized", reason);
        return null;
    }

    private static async Task AskToSignInAsync(HttpContext http, string then)
    {
        if (JsonText.IsWanted(http.Request) || !SaysWhereItComesFrom(http.Request) && !HttpMethods.IsGet(http.Request.Method))
        {
            http.Response.Headers.WWWAuthenticate = Challenge;
            await Problems
                .Json(
                    StatusCodes.Status401Unauthorized,
                    "Unauthorized",
                    "Send a token: Authorization: Bearer TOKEN. \"builder db token-add\" and the account page make them."
                )
                .SendAsync(http);
            return;
        }
        http.Response.Headers.CacheControl = "no-store";
        await Answer
            .Redirect(StatusCodes.Status303SeeOther, SignInEndpoints.Address + Html.Href.Query("return", ReturnAddress.Of(then)))
            .SendAsync(http);
    }
}
