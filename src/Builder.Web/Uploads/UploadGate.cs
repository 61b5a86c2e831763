using System.Globalization;
using System.Net;
using Builder.Storage.Accounts;
using Builder.Web.Http;
using Builder.Web.Options;
using Builder.Web.Pages;
using Microsoft.AspNetCore.Http.Features;

namespace Builder.Web.Uploads;

/// <summary>Who is at the door is asked before a byte of the body is read.</summary>
internal sealed class UploadGate(Authenticator authenticator, ApiTokens tokens, UploadReport report, WebOptions options)
{
    /// <summary>The user; null where the answer has been given already.</summary>
    public async Task<User?> EnterAsync(HttpContext http)
    {
        var address = http.Connection.RemoteIpAddress ?? IPAddress.None;
        // The limit is kept by whoever reads: the server itself would drop the connection, and with it often the answer. Of a refused
        // body it reads and forgets what comes within a few seconds: many clients look for an answer only when they have sent it all.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        if (RequestCredentials.Of(http.Request) is not { } credentials)
            return await RefuseAsync(http, address);
        switch (await AuthenticateAsync(credentials, address, http.RequestAborted))
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

    /// <summary>A token is a Bearer one, or the password of Basic: then the name does not matter. It has no brute force to fear, so nothing limits it.</summary>
    private async Task<Authentication> AuthenticateAsync(
        RequestCredentials credentials,
        IPAddress address,
        CancellationToken cancellationToken
    )
    {
        if (ApiTokens.IsToken(credentials.Password))
        {
            return await tokens.FindAsync(credentials.Password, cancellationToken) is var (user, _)
                ? new Authentication.Accepted(user)
                : new Authentication.Rejected();
        }
        return credentials.Name is { } name
            ? await authenticator.AuthenticateAsync(name, credentials.Password, address, cancellationToken)
            : new Authentication.Rejected();
    }
}
