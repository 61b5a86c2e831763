using System.Globalization;
using System.Net;
using Builder.Storage.Accounts;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Options;
using Builder.Web.Pages;

namespace Builder.Web.Accounts;

/// <summary>Signing in with a password, and out.</summary>
internal static class SignInEndpoints
{
    public const string Address = Href.SignIn;
    public const string SignOutAddress = "/sign-out";
    public const string OpenIdAddress = Address + "/openid";

    private const string Form = "sign-in form";
    private const int MaxLength = 1024;

    public static void MapSignIn(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(
            Address,
            Verbs.Read,
            (HttpContext http, PageResponder pages) =>
                ShowAsync(http, pages, http.Request.Query["return"] is [{ } wanted] ? wanted : ReturnAddress.Referring(http.Request))
        );
        routes.MapPost(Address, SignInAsync);
        routes.MapPost(SignOutAddress, SignOutAsync);
    }

    /// <summary>Begins a session of its own, whatever cookie the browser came with: who put that there must not be signed in with it.</summary>
    public static async Task BeginAsync(HttpContext http, AccountSessions sessions, AuditTrail trail, User user, string way)
    {
        if (Visitor.Of(http) is { Session: { } before } visitor)
            await sessions.RevokeAsync(visitor.User.Id, before, http.RequestAborted);
        var secret = await sessions.BeginAsync(
            user.Id,
            way,
            AuditTrail.AddressOf(http),
            http.Request.Headers.UserAgent.ToString(),
            http.RequestAborted
        );
        BrowserCookies.SetSession(http, secret);
        BrowserCookies.DeleteSignIn(http);
        await trail.AddAsync(http, user.Name, way, "sign-in", user.Name);
    }

    /// <summary>The form's token that goes with a cookie of a sign-in.</summary>
    public static string FormToken(HttpContext http) => BrowserCookies.Derive(BrowserCookies.EnsureSignIn(http), Form);

    /// <summary>Whether the form came from this site's own page, in this browser. A page of others cannot sign somebody in as somebody else.</summary>
    public static bool IsOurs(HttpContext http, SubmittedForm form) =>
        AccountGate.SaysWhereItComesFrom(http.Request)
        && BrowserCookies.SignIn(http.Request) is { } secret
        && BrowserCookies.AreEqual(form[ActionForm.TokenField], BrowserCookies.Derive(secret, Form));

    /// <summary>Why nobody may sign in this way; null where one may.</summary>
    public static string? WhyNot(HttpContext http) =>
        BrowserCookies.IsSecure(http.Request) || LocalNetwork.Has(http.Connection.RemoteIpAddress ?? IPAddress.None)
            ? null
            : "Signing in over plain HTTP is for this machine and private networks only. Use the HTTPS address of this site; its operator names it with --public-url.";

    public static Task ShowAsync(
        HttpContext http,
        PageResponder pages,
        string? then,
        string? problem = null,
        int status = StatusCodes.Status200OK,
        string name = ""
    )
    {
        problem ??= WhyNot(http);
        return pages.RespondUncachedAsync(
            http,
            async page =>
                await Answer.PageAsync(
                    SignIn.Create(
                        new SignInPage(
                            page.PageLayout("Sign in") with
                            {
                                NoIndex = true,
                            },
                            ReturnAddress.Of(then),
                            FormToken(http),
                            problem,
                            name,
                            !BrowserCookies.IsSecure(http.Request)
                        )
                        {
                            Provider = http.RequestServices.GetRequiredService<WebOptions>().OpenId?.Title,
                        }
                    ),
                    status
                )
        );
    }

    private static async Task SignInAsync(
        HttpContext http,
        PageResponder pages,
        Authenticator authenticator,
        AccountSessions sessions,
        AuditTrail trail
    )
    {
        if (await SubmittedForm.ReadAsync(http.Request, http.RequestAborted) is not { } form || !IsOurs(http, form))
        {
            await ShowAsync(
                http,
                pages,
                "/",
                "The form is older than half an hour, or the browser kept no cookie of this site. Try again."
                    + (BrowserCookies.IsSecure(http.Request) ? $" This site keeps cookies at {SiteOrigin.Of(http.Request)} only." : ""),
                StatusCodes.Status403Forbidden
            );
            return;
        }
        var (name, password, then) = (form["name"] ?? "", form.Raw("password"), form["return"]);
        if (WhyNot(http) is { } reason)
        {
            await ShowAsync(http, pages, then, reason, StatusCodes.Status403Forbidden);
            return;
        }
        if (name.Length is 0 or > MaxLength || password.Length is 0 or > MaxLength)
        {
            await ShowAsync(http, pages, then, "Type a name and a password.", StatusCodes.Status400BadRequest, Shown(name));
            return;
        }
        var address = http.Connection.RemoteIpAddress ?? IPAddress.None;
        switch (await authenticator.AuthenticateAsync(name, password, address, http.RequestAborted))
        {
            case Authentication.Accepted accepted:
                await BeginAsync(http, sessions, trail, accepted.User, "password");
                await Answer.Redirect(StatusCodes.Status303SeeOther, ReturnAddress.Of(then)).SendAsync(http);
                break;
            case Authentication.Throttled throttled:
                var seconds = Math.Ceiling(throttled.RetryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
                http.Response.Headers.RetryAfter = seconds;
                await trail.FailedAsync(http, name, "password", "too many attempts");
                await ShowAsync(
                    http,
                    pages,
                    then,
                    $"Too many wrong passwords, or too many attempts at once. Try again in {seconds} s.",
                    StatusCodes.Status429TooManyRequests,
                    Shown(name)
                );
                break;
            default:
                await trail.FailedAsync(http, name, "password", "wrong name or password");
                await ShowAsync(http, pages, then, "The name or the password is wrong.", StatusCodes.Status403Forbidden, Shown(name));
                break;
        }
    }

    private static string Shown(string name) => name.Length > MaxLength ? "" : name;

    private static async Task SignOutAsync(HttpContext http, AccountGate gate, AccountSessions sessions, AuditTrail trail)
    {
        if (await gate.ChangeAsync(http) is not var (visitor, _))
            return;
        if (visitor.Session is { } session)
        {
            await sessions.RevokeAsync(visitor.User.Id, session, http.RequestAborted);
            await trail.AddAsync(http, visitor, "sign-out", visitor.User.Name);
        }
        BrowserCookies.DeleteSession(http);
        await Answer.Redirect(StatusCodes.Status303SeeOther, Href.Home).SendAsync(http);
    }
}

/// <param name="Then">Where to go afterwards.</param>
/// <param name="Problem">Why it did not work.</param>
/// <param name="IsPlain">The site is reached without TLS.</param>
public sealed record SignInPage(PageLayout PageLayout, string Then, string FormToken, string? Problem, string Name, bool IsPlain)
{
    /// <summary>The provider that one may sign in with; null for none.</summary>
    public string? Provider { get; init; }
}
