using System.Globalization;
using System.Net;
using System.Text;
using Builder.Storage.Accounts;
using Microsoft.AspNetCore.Http.Features;

namespace Builder.Web.Uploads;

/// <summary>Who is at the door is asked before a byte of the body is read.</summary>
internal static class UploadGate
{
    private const string Scheme = "Basic ";
    private const int LongestCredentials = 4096;

    /// <summary>The user; null where the answer has been given already.</summary>
    public static async Task<User?> EnterAsync(HttpContext http, Authenticator authenticator, long largest)
    {
        if (Credentials(http.Request) is not { } credentials)
            return await RefuseAsync(http);
        var authentication = await authenticator.AuthenticateAsync(
            credentials.Name, credentials.Password, http.Connection.RemoteIpAddress ?? IPAddress.None, http.RequestAborted);
        switch (authentication)
        {
            case Authentication.Accepted accepted:
                if (http.Request.ContentLength > largest)
                {
                    await UploadEndpoints.TextAsync(http, StatusCodes.Status413PayloadTooLarge, $"An upload may have at most {largest.ToString(CultureInfo.InvariantCulture)} bytes.");
                    return null;
                }
                // The limit is kept by whoever reads: the server itself would drop the connection, and with it often the answer.
                if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
                    size.MaxRequestBodySize = null;
                return accepted.User;
            case Authentication.Throttled throttled:
                http.Response.Headers.RetryAfter = Math.Ceiling(throttled.RetryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
                await UploadEndpoints.TextAsync(http, StatusCodes.Status429TooManyRequests, "Too many failures from this address.");
                return null;
            default:
                return await RefuseAsync(http);
        }
    }

    private static async Task<User?> RefuseAsync(HttpContext http)
    {
        http.Response.Headers.WWWAuthenticate = "Basic realm=\"builder-web\"";
        await UploadEndpoints.TextAsync(http, StatusCodes.Status401Unauthorized, "Unauthorized!");
        return null;
    }

    private static (string Name, string Password)? Credentials(HttpRequest request)
    {
        if (request.Headers.Authorization is not [{ Length: < LongestCredentials } header] || !header.StartsWith(Scheme, StringComparison.Ordinal))
            return null;
        var encoded = header.AsSpan(Scheme.Length);
        var bytes = new byte[encoded.Length];
        if (encoded.ContainsAny(' ', '\t') || !Convert.TryFromBase64Chars(encoded, bytes, out var length))
            return null;
        var pair = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : (pair[..colon], pair[(colon + 1)..]);
    }
}
