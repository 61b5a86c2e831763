using System.Globalization;
using System.Net;
using System.Text;
using Builder.Storage.Accounts;
using Builder.Web.Options;
using Builder.Web.Pages;
using Microsoft.AspNetCore.Http.Features;

namespace Builder.Web.Uploads;

/// <summary>Who is at the door is asked before a byte of the body is read.</summary>
internal sealed class UploadGate(Authenticator authenticator, UploadReport report, WebOptions options)
{
    private const string Scheme = "Basic ";
    private const int MaxCredentialsLength = 4096;

    /// <summary>The user; null where the answer has been given already.</summary>
    public async Task<User?> EnterAsync(HttpContext http)
    {
        var address = http.Connection.RemoteIpAddress ?? IPAddress.None;
        // The limit is kept by whoever reads: the server itself would drop the connection, and with it often the answer. Of a refused
        // body it reads and forgets what comes within a few seconds: many clients look for an answer only when they have sent it all.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        if (Credentials(http.Request) is not { } credentials)
            return await RefuseAsync(http, address);
        var authentication = await authenticator.AuthenticateAsync(credentials.Name, credentials.Password, address, http.RequestAborted);
        switch (authentication)
        {
            case Authentication.Accepted accepted:
                if (http.Request.ContentLength > options.LargestUpload)
                {
                    var reason = $"An upload may have at most {options.LargestUpload.ToString(CultureInfo.InvariantCulture)} bytes.";
                    report.TooLarge(accepted.User, http.Request.ContentLength.Value);
                    await Problems.RefuseAsync(http, StatusCodes.Status413PayloadTooLarge, reason);
                    return null;
                }
                return accepted.User;
            case Authentication.Throttled throttled:
                report.Throttled(address, throttled.RetryAfter);
                var seconds = Math.Ceiling(throttled.RetryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
                http.Response.Headers.RetryAfter = seconds;
                await Problems.RefuseAsync(
                    http,
                    StatusCodes.Status429TooManyRequests,
                    $"Too many wrong passwords, or too many attempts at once. Try again in {seconds} s."
                );
                return null;
            default:
                return await RefuseAsync(http, address);
        }
    }

    private async Task<User?> RefuseAsync(HttpContext http, IPAddress address)
    {
        report.Unknown(address);
        http.Response.Headers.WWWAuthenticate = "Basic realm=\"builder-web\"";
        await Problems.RefuseAsync(http, StatusCodes.Status401Unauthorized, "Unauthorized!");
        return null;
    }

    private static (string Name, string Password)? Credentials(HttpRequest request)
    {
        if (
            request.Headers.Authorization is not [{ Length: < MaxCredentialsLength } header]
            || !header.StartsWith(Scheme, StringComparison.Ordinal)
        )
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
