using Builder.Storage.Accounts;
using Builder.Web.Pages;

namespace Builder.Web.Accounts;

/// <summary>Looks who signed in with the browser that asks. Requests without the cookie cost nothing.</summary>
internal static class SessionVisitors
{
    public static void UseSessions(this WebApplication app)
    {
        var sessions = app.Services.GetRequiredService<AccountSessions>();
        app.Use(
            async (http, next) =>
            {
                if (
                    !http.Request.Path.StartsWithSegments("/static", StringComparison.Ordinal)
                    && BrowserCookies.Session(http.Request) is { } secret
                    && await sessions.FindAsync(secret, http.RequestAborted) is { } signedIn
                )
                    http.Features.Set(
                        new Visitor(signedIn.User, "session")
                        {
                            Session = signedIn.Session.Id,
                            FormToken = BrowserCookies.Derive(secret, "form"),
                        }
                    );
                await next(http);
            }
        );
    }
}
