using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Builder.Analysis.Values;
using Builder.Cli.Errors;
using Microsoft.AspNetCore.WebUtilities;

namespace Builder.Cli.Find;

/// <summary>Asks a site for JSON. What comes back is bounded.</summary>
internal static class SiteQuestion
{
    private const int MaxLength = 64 << 20;
    private const int MaxDepth = 64;
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(60);

    /// <param name="path">Path-absolute, encoded.</param>
    /// <returns>Null where the site has no such thing.</returns>
    /// <exception cref="CommandException">No answer, or another one than expected; the message says which. Its exit code is 2.</exception>
    public static Task<JsonDocument?> AskAsync(Uri site, string path, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, site, path, null, cancellationToken);

    /// <summary>Has the site do something.</summary>
    /// <inheritdoc cref="AskAsync"/>
    public static Task<JsonDocument?> PostAsync(
        Uri site,
        string path,
        AuthenticationHeaderValue authorization,
        CancellationToken cancellationToken
    ) => SendAsync(HttpMethod.Post, site, path, authorization, cancellationToken);

    private static async Task<JsonDocument?> SendAsync(
        HttpMethod method,
        Uri site,
        string path,
        AuthenticationHeaderValue? authorization,
        CancellationToken cancellationToken
    )
    {
        var address = new Uri($"{site.AbsoluteUri.TrimEnd('/')}{path}");
        using var handler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(15),
            UseCookies = false,
            // A secret goes to nobody else.
            AllowAutoRedirect = authorization is null,
        };
        using var http = new HttpClient(handler) { Timeout = MaxTime, MaxResponseContentBufferSize = MaxLength };
        http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("builder-find", null));
        try
        {
            using var request = new HttpRequestMessage(method, address);
            request.Headers.Authorization = authorization;
            if (method == HttpMethod.Post)
                request.Content = new FormUrlEncodedContent([]);
            using var response = await http.SendAsync(request, cancellationToken);
            if (response.StatusCode == HttpStatusCode.NotFound && method == HttpMethod.Get)
                return null;
            var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            if (!response.IsSuccessStatusCode)
                throw Trouble(Refusal(address, response.StatusCode, bytes));
            return StrictJson.Parse(bytes, MaxDepth);
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException)
        {
            throw Trouble($"cannot ask {Shown(address)}: {exception.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Trouble($"cannot ask {Shown(address)}: no answer within {MaxTime.TotalSeconds:0} s");
        }
    }

    private static string Refusal(Uri address, HttpStatusCode status, byte[] body)
    {
        var reason = "";
        try
        {
            using var problem = StrictJson.Parse(body, MaxDepth);
            if (
                problem.RootElement.ValueKind == JsonValueKind.Object
                && problem.RootElement.TryGetProperty("detail", out var detail)
                && detail.ValueKind == JsonValueKind.String
            )
                reason = $": {detail.GetString()}";
        }
        catch (JsonException)
        {
            // Another program's page: the status says enough.
        }
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Shown(address)} answers {(int)status} {ReasonPhrases.GetReasonPhrase((int)status)}{reason}"
        );
    }

    private static CommandException Trouble(string message) => new(message, ExitCode.Trouble);

    private static string Shown(Uri address) =>
        address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
}
