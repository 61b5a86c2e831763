using System.Text.Json;
using Builder.Storage.Accounts;
using Builder.Web.Accounts;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.OpenId;

/// <summary>Signing in with a provider of OpenID Connect: there, and back with a code.</summary>
internal static partial class OpenIdEndpoints
{
    private const string Callback = SignInEndpoints.OpenIdAddress + "/callback";
    private const int MaxParameter = 4096;
    private const string Way = "OpenID Connect";

    public static void MapOpenId(this IEndpointRouteBuilder routes, OpenIdProvider? provider)
    {
        if (provider is null)
            return;
        routes.MapMethods(
            SignInEndpoints.OpenIdAddress,
            [HttpMethods.Get],
            (HttpContext http, PageResponder pages, ILogger<OpenIdProvider> log) => BeginAsync(http, provider, pages, log)
        );
        routes.MapMethods(
            Callback,
            [HttpMethods.Get],
            (
                HttpContext http,
                PageResponder pages,
                AccountIdentities identities,
                AccountSessions sessions,
                AuditTrail trail,
                ILogger<OpenIdProvider> log
            ) => EndAsync(http, provider, pages, identities, sessions, trail, log)
        );
    }

    private static async Task BeginAsync(HttpContext http, OpenIdProvider provider, PageResponder pages, ILogger log)
    {
        var then = ReturnAddress.Of(http.Request.Query["return"]);
        if (SignInEndpoints.WhyNot(http) is { } reason)
        {
            await SignInEndpoints.ShowAsync(http, pages, then, reason, StatusCodes.Status403Forbidden);
            return;
        }
        try
        {
            var flow = OpenIdFlow.Begin(BrowserCookies.EnsureSignIn(http), then);
            http.Response.Headers.CacheControl = "no-store";
            http.Response.StatusCode = StatusCodes.Status303SeeOther;
            http.Response.Headers.Location = await provider.AuthorizationAsync(flow, Redirect(http), http.RequestAborted);
        }
        catch (OpenIdException exception)
        {
            await FailAsync(http, pages, then, log, exception);
        }
    }

    private static async Task EndAsync(
        HttpContext http,
        OpenIdProvider provider,
        PageResponder pages,
        AccountIdentities identities,
        AccountSessions sessions,
        AuditTrail trail,
        ILogger log
    )
    {
        if (!OpenIdFlow.TryRead(Parameter(http, "state"), BrowserCookies.SignIn(http.Request), out var flow))
        {
            await trail.FailedAsync(http, "", Way, "an answer that this browser did not ask for");
            await SignInEndpoints.ShowAsync(
                http,
                pages,
                "/",
                "This browser did not ask for that, or half an hour has passed. Sign in again.",
                StatusCodes.Status403Forbidden
            );
            return;
        }
        try
        {
            if (Parameter(http, "error") is { } error)
                throw new OpenIdException($"the provider says \"{error}\"");
            var code = Parameter(http, "code") ?? throw new OpenIdException("the provider sent no code");
            var claims = await provider.RedeemAsync(flow, code, Redirect(http), Parameter(http, "iss"), http.RequestAborted);
            var user = await AdmitAsync(provider, identities, claims, http.RequestAborted);
            await SignInEndpoints.BeginAsync(http, sessions, trail, user, Way);
            await Answer.Redirect(StatusCodes.Status303SeeOther, ReturnAddress.Of(flow.Then)).SendAsync(http);
        }
        catch (OpenIdException exception)
        {
            await trail.FailedAsync(http, "", Way, exception.Message);
            await FailAsync(http, pages, flow.Then, log, exception);
        }
    }

    /// <exception cref="OpenIdException">The claims give no role, or no name that can be used.</exception>
    private static async Task<User> AdmitAsync(
        OpenIdProvider provider,
        AccountIdentities identities,
        IReadOnlyList<JsonElement> claims,
        CancellationToken cancellationToken
    )
    {
        var options = provider.Options;
        var subject = ProviderMetadata.Text(claims[0], "sub") ?? throw new OpenIdException("the ID token names nobody");
        var given = claims.SelectMany(one => ClaimTexts.Of(one, options.RoleClaim)).ToHashSet(StringComparer.Ordinal);
        var roles = options.Roles.Where(role => given.Contains(role.Key)).Select(static role => role.Value).ToList();
        if (roles.Count == 0)
            throw new OpenIdException(
                $"your account at {options.Title} has no role here: its claim \"{options.RoleClaim}\" has no value that gives one"
            );
        var name = claims.SelectMany(one => ClaimTexts.Of(one, options.NameClaim)).FirstOrDefault() ?? subject;
        return await identities.AdmitAsync(
                options.Issuer.OriginalString.TrimEnd('/'),
                subject,
                [name, $"{name}@{options.Issuer.Host}"],
                roles.Max(),
                cancellationToken
            ) ?? throw new OpenIdException($"the account is disabled here, or its name \"{name}\" is another account's");
    }

    private static Task FailAsync(HttpContext http, PageResponder pages, string then, ILogger log, OpenIdException exception)
    {
        LogFailure(log, exception.Message);
        return SignInEndpoints.ShowAsync(
            http,
            pages,
            then,
            $"Signing in did not work: {exception.Message}.",
            StatusCodes.Status403Forbidden
        );
    }

    /// <exception cref="OpenIdException">Nobody knows how this site is reached.</exception>
    private static string Redirect(HttpContext http) =>
        SiteOrigin.Of(http.Request) is var origin && !origin.EndsWith("//" + SiteOrigin.UnknownHost, StringComparison.Ordinal)
            ? origin + Callback
            : throw new OpenIdException("the site does not know its own address: its operator names it with --public-url");

    private static string? Parameter(HttpContext http, string name) =>
        http.Request.Query[name] is [{ Length: > 0 and <= MaxParameter } value] ? value : null;

    [LoggerMessage(EventId = 81, Level = LogLevel.Warning, Message = "a sign-in with OpenID Connect failed: {Reason}")]
    private static partial void LogFailure(ILogger log, string reason);
}
