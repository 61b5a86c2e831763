namespace Builder.Web.Accounts;

/// <summary>Where somebody goes after signing in: an address of this site and nothing else, whoever wrote the link.</summary>
internal static class ReturnAddress
{
    private const int MaxLength = 2000;

    public static string Of(string? wanted) => wanted is not null && IsOurs(wanted) ? wanted : "/";

    /// <summary>The page that a request came from, where the browser names one of this site.</summary>
    public static string Referring(HttpRequest request) =>
        request.Headers.Referer is [{ } referer]
        && Uri.TryCreate(referer, UriKind.Absolute, out var page)
        && page.Authority == request.Host.Value
            ? Of(page.PathAndQuery)
            : "/";

    /// <summary>Browsers take a backslash for a slash, and two slashes for another host.</summary>
    private static bool IsOurs(string address) =>
        address.Length <= MaxLength
        && address.StartsWith('/')
        && !address.StartsWith("//", StringComparison.Ordinal)
        && !address.StartsWith("/sign-", StringComparison.Ordinal)
        && address.All(static character => character is > ' ' and < '\x7f' and not '\\');
}
