using System.Net;
using Builder.Storage.Accounts;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Accounts;

/// <summary>
/// The one-time link that <c>builder up</c> prints. Opening it shows a button: what looks at addresses ahead of people does not use it up. It works from this
/// machine alone.
/// </summary>
internal static class SignInLinkEndpoints
{
    public const string Address = SignInLinkAddress.Path;

    public static void MapSignInLinks(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(Address, Verbs.Read, (HttpContext http, PageResponder pages) => ShowAsync(http, pages, problem: null));
        routes.MapPost(Address, RedeemAsync);
    }

    private static Task ShowAsync(HttpContext http, PageResponder pages, string? problem, int status = StatusCodes.Status200OK) =>
        pages.RespondUncachedAsync(
            http,
            async page =>
                await Answer.PageAsync(
                    SignInLink.Create(
                        new SignInLinkPage(
                            page.PageLayout("Sign in") with
                            {
                                NoIndex = true,
                            },
                            page.Query(SignInLinkAddress.Parameter) is { Length: AccountSecret.Length } secret ? secret : "",
                            SignInEndpoints.FormToken(http),
                            problem
                        )
                    ),
                    status
                )
        );

    private static async Task RedeemAsync(
        HttpContext http,
        PageResponder pages,
        SignInLinks links,
        AccountSessions sessions,
        AuditTrail trail
    )
    {
        if (await SubmittedForm.ReadAsync(http.Request, http.RequestAborted) is not { } form || !SignInEndpoints.IsOurs(http, form))
        {
            await ShowAsync(http, pages, "The browser kept no cookie of this site. Open the link again.", StatusCodes.Status403Forbidden);
            return;
        }
        if (!IPAddress.IsLoopback(http.Connection.RemoteIpAddress ?? IPAddress.None))
        {
            await trail.FailedAsync(http, "", "link", "not from this machine");
            await ShowAsync(http, pages, "The link works on the machine that runs this site only.", StatusCodes.Status403Forbidden);
            return;
        }
        if (form["secret"] is not { } secret || await links.RedeemAsync(secret, http.RequestAborted) is not { } user)
        {
            await trail.FailedAsync(http, "", "link", "used, too old, or unknown");
            await ShowAsync(
                http,
                pages,
                "The link was used before, or is older than 10 minutes. \"builder db sign-in-link NAME\" makes another one.",
                StatusCodes.Status403Forbidden
            );
            return;
        }
        await SignInEndpoints.BeginAsync(http, sessions, trail, user, "link");
        await Answer.Redirect(StatusCodes.Status303SeeOther, AccountEndpoints.Address).SendAsync(http);
    }
}

public sealed record SignInLinkPage(PageLayout PageLayout, string Secret, string FormToken, string? Problem);
