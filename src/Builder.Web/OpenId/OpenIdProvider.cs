using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Builder.Web.Options;

namespace Builder.Web.OpenId;

/// <summary>Speaks with the provider: what it is, its keys, and the claims that a code stands for. Answers are bounded, redirects are not followed.</summary>
internal sealed class OpenIdProvider(OpenIdOptions options, TimeProvider clock) : IDisposable
{
    private const int MaxAnswer = 256 << 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Fresh = TimeSpan.FromHours(1);

    /// <summary>A key that is not known may be new; nobody makes this site ask all the time.</summary>
    private static readonly TimeSpan BetweenKeys = TimeSpan.FromMinutes(1);

    private readonly HttpClient http = new(
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        }
    )
    {
        Timeout = Patience,
        MaxResponseContentBufferSize = MaxAnswer,
    };

    private readonly SemaphoreSlim asking = new(1, 1);
    private (ProviderMetadata Metadata, JsonElement Keys, DateTimeOffset At)? known;

    public OpenIdOptions Options => options;

    private string Issuer => options.Issuer.OriginalString;

    /// <summary>Where the browser goes to sign in: authorization code flow with PKCE (RFC 7636).</summary>
    public async Task<string> AuthorizationAsync(OpenIdFlow flow, string redirect, CancellationToken cancellationToken)
    {
        var (metadata, _) = await KnownAsync(Fresh, cancellationToken);
        var query = Encode(
            ("response_type", "code"),
            ("client_id", options.ClientId),
            ("redirect_uri", redirect),
            ("scope", options.Scope),
            ("state", flow.State),
            ("nonce", flow.Nonce),
            ("code_challenge", flow.Challenge),
            ("code_challenge_method", "S256")
        );
        var address = metadata.Authorization.AbsoluteUri;
        return $"{address}{(address.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{query}";
    }

    /// <summary>Who signed in, as the provider says: the claims of the ID token, and of the userinfo endpoint beside them.</summary>
    /// <param name="issuer">As the answer names it (RFC 9207); null where it does not.</param>
    /// <exception cref="OpenIdException">The provider says no, or what it says cannot be believed.</exception>
    public async Task<IReadOnlyList<JsonElement>> RedeemAsync(
        OpenIdFlow flow,
        string code,
        string redirect,
        string? issuer,
        CancellationToken cancellationToken
    )
    {
        var (metadata, _) = await KnownAsync(Fresh, cancellationToken);
        if (issuer is null ? metadata.SendsIssuer : issuer.TrimEnd('/') != Issuer.TrimEnd('/'))
            throw new OpenIdException("the answer is of another provider");
        var answer = await SendAsync(TokenRequest(metadata, flow, code, redirect), cancellationToken);
        var token = IdToken.Parse(ProviderMetadata.Text(answer, "id_token") ?? throw new OpenIdException("the provider sent no ID token"));
        if (!await IsSignedAsync(token, cancellationToken))
            throw new OpenIdException("the signature of the ID token is not the provider's");
        token.Require(Issuer, options.ClientId, flow.Nonce, clock.GetUtcNow());
        if (metadata.UserInfo is null || ProviderMetadata.Text(answer, "access_token") is not { } access)
            return [token.Claims];
        using var request = new HttpRequestMessage(HttpMethod.Get, metadata.UserInfo);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", access);
        var more = await SendAsync(request, cancellationToken);
        // OpenID Connect Core section 5.3.2: of somebody else it must not be used.
        return ProviderMetadata.Text(more, "sub") == ProviderMetadata.Text(token.Claims, "sub")
            ? [token.Claims, more]
            : throw new OpenIdException("the provider tells of somebody else than the ID token");
    }

    public void Dispose()
    {
        http.Dispose();
        asking.Dispose();
    }

    private HttpRequestMessage TokenRequest(ProviderMetadata metadata, OpenIdFlow flow, string code, string redirect)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, metadata.Token);
        var fields = new List<(string, string)>
        {
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect),
            ("code_verifier", flow.Verifier),
        };
        if (options.ClientSecret is { } secret)
        {
            // RFC 6749 section 2.3.1: both are encoded as fields of a form first.
            var pair = $"{Uri.EscapeDataString(options.ClientId)}:{Uri.EscapeDataString(secret)}";
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
        }
        else
        {
            fields.Add(("client_id", options.ClientId));
        }
        request.Content = new StringContent(Encode([.. fields]), Encoding.UTF8, "application/x-www-form-urlencoded");
        return request;
    }

    private async Task<bool> IsSignedAsync(IdToken token, CancellationToken cancellationToken)
    {
        var (_, keys) = await KnownAsync(Fresh, cancellationToken);
        if (JsonWebKeys.Verify(keys, token.Algorithm, token.KeyId, token.Signed, token.Signature))
            return true;
        (_, keys) = await KnownAsync(BetweenKeys, cancellationToken);
        return JsonWebKeys.Verify(keys, token.Algorithm, token.KeyId, token.Signed, token.Signature);
    }

    /// <param name="maxAge">Asked anew where it is older.</param>
    private async Task<(ProviderMetadata Metadata, JsonElement Keys)> KnownAsync(TimeSpan maxAge, CancellationToken cancellationToken)
    {
        await asking.WaitAsync(cancellationToken);
        try
        {
            if (known is { } fresh && clock.GetUtcNow() - fresh.At < maxAge)
                return (fresh.Metadata, fresh.Keys);
            using var discovery = new HttpRequestMessage(HttpMethod.Get, $"{Issuer.TrimEnd('/')}/.well-known/openid-configuration");
            var metadata = ProviderMetadata.Read(await SendAsync(discovery, cancellationToken), Issuer);
            using var request = new HttpRequestMessage(HttpMethod.Get, metadata.Keys);
            var keys = await SendAsync(request, cancellationToken);
            known = (metadata, keys, clock.GetUtcNow());
            return (metadata, keys);
        }
        finally
        {
            asking.Release();
        }
    }

    private async Task<JsonElement> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            request.Headers.Accept.ParseAdd("application/json");
            using var response = await http.SendAsync(request, cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            if (!response.IsSuccessStatusCode)
                throw new OpenIdException(
                    $"the provider answers {request.RequestUri!.AbsolutePath} with status {(int)response.StatusCode}"
                );
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 16 });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new OpenIdException("the provider's answer is not a JSON object");
        }
        catch (Exception exception)
            when (exception is HttpRequestException or JsonException
                || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            )
        {
            throw new OpenIdException($"the provider {options.Issuer.Host} cannot be asked: {exception.Message}", exception);
        }
    }

    private static string Encode(params (string Name, string Value)[] fields) =>
        string.Join('&', fields.Select(field => $"{field.Name}={Uri.EscapeDataString(field.Value)}"));
}
