using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Builder.Storage.Accounts;
using Builder.Web.Http;

namespace Builder.Web.Accounts;

/// <summary>
/// The two secrets that a browser keeps: of a session, and of a sign-in that is not over. Names with <c>__Host-</c> are for HTTPS alone (RFC 6265bis): a site that is reached
/// over plain HTTP, on this machine or a private network, has plain ones.
/// </summary>
internal static class BrowserCookies
{
    private const string SessionName = "builder-session";
    private const string SignInName = "builder-sign-in";
    private const string SecurePrefix = "__Host-";

    private static readonly TimeSpan SignInLifetime = TimeSpan.FromMinutes(30);

    /// <summary>As the operator says, else as the request came.</summary>
    public static bool IsSecure(HttpRequest request) => SiteOrigin.Of(request).StartsWith("https:", StringComparison.Ordinal);

    public static string? Session(HttpRequest request) => Read(request, SessionName);

    public static void SetSession(HttpContext http, string secret) => Set(http, SessionName, secret, AccountSessions.MaxAge);

    public static void DeleteSession(HttpContext http) => Set(http, SessionName, "", TimeSpan.Zero);

    public static string? SignIn(HttpRequest request) => Read(request, SignInName);

    /// <summary>The one that is there, so that two tabs do not spoil each other's, or a new one.</summary>
    public static string EnsureSignIn(HttpContext http)
    {
        if (SignIn(http.Request) is { } known)
            return known;
        var secret = AccountSecret.New();
        Set(http, SignInName, secret, SignInLifetime);
        return secret;
    }

    public static void DeleteSignIn(HttpContext http) => Set(http, SignInName, "", TimeSpan.Zero);

    /// <summary>What follows from a secret for one purpose, and does not give it away.</summary>
    public static string Derive(string secret, string purpose) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(purpose)));

    public static bool AreEqual(string? given, string expected) =>
        given is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(expected));

    private static string? Read(HttpRequest request, string name) =>
        request.Cookies[NameOf(request, name)] is { Length: AccountSecret.Length } value ? value : null;

    private static string NameOf(HttpRequest request, string name) => IsSecure(request) ? SecurePrefix + name : name;

    private static void Set(HttpContext http, string name, string value, TimeSpan lifetime) =>
        http.Response.Cookies.Append(
            NameOf(http.Request, name),
            value,
            new CookieOptions
            {
                Path = "/",
                HttpOnly = true,
                Secure = IsSecure(http.Request),
                SameSite = SameSiteMode.Lax,
                MaxAge = lifetime,
                IsEssential = true,
            }
        );
}
