using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Builder.Web.Accounts;

namespace Builder.Web.OpenId;

/// <summary>An ID token before it is believed: three parts of base64url (RFC 7515 section 7.1).</summary>
internal sealed record IdToken(string Algorithm, string? KeyId, byte[] Signed, byte[] Signature, JsonElement Claims)
{
    private const int MaxLength = 64 << 10;

    private static readonly TimeSpan MaxClockDifference = TimeSpan.FromMinutes(2);

    /// <exception cref="OpenIdException">It is none.</exception>
    public static IdToken Parse(string token)
    {
        try
        {
            if (token.Length > MaxLength || token.Split('.') is not [var header, var payload, var signature])
                throw new OpenIdException("the provider's ID token is not a signed JSON Web Token");
            using var head = JsonDocument.Parse(Base64Url.DecodeFromChars(header));
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
            if (head.RootElement.TryGetProperty("crit", out _))
                throw new OpenIdException("the provider's ID token has extensions that are unknown here");
            return new IdToken(
                ProviderMetadata.Text(head.RootElement, "alg") ?? "none",
                ProviderMetadata.Text(head.RootElement, "kid"),
                Encoding.ASCII.GetBytes($"{header}.{payload}"),
                Base64Url.DecodeFromChars(signature),
                claims.RootElement.Clone()
            );
        }
        catch (Exception exception) when (exception is FormatException or JsonException or InvalidOperationException)
        {
            throw new OpenIdException("the provider's ID token cannot be read", exception);
        }
    }

    /// <summary>OpenID Connect Core 1.0 section 3.1.3.7, after the signature.</summary>
    /// <exception cref="OpenIdException">It is for somebody else, of another sign-in, or too old.</exception>
    public void Require(string issuer, string clientId, string nonce, DateTimeOffset now)
    {
        if (ProviderMetadata.Text(Claims, "iss")?.TrimEnd('/') != issuer.TrimEnd('/'))
            throw new OpenIdException("the ID token is of another issuer");
        if (ProviderMetadata.Text(Claims, "sub") is not { Length: > 0 and <= 255 })
            throw new OpenIdException("the ID token names nobody");
        var audiences = Texts("aud");
        if (!audiences.Contains(clientId, StringComparer.Ordinal))
            throw new OpenIdException("the ID token is for another client");
        if ((audiences.Count > 1 || Claims.TryGetProperty("azp", out _)) && ProviderMetadata.Text(Claims, "azp") != clientId)
            throw new OpenIdException("the ID token was given to another client");
        if (!BrowserCookies.AreEqual(ProviderMetadata.Text(Claims, "nonce"), nonce))
            throw new OpenIdException("the ID token is of another sign-in");
        if (Seconds("exp") is not { } expires || now >= expires + MaxClockDifference)
            throw new OpenIdException("the ID token has expired");
        if (Seconds("iat") is { } issued && issued > now + MaxClockDifference)
            throw new OpenIdException("the ID token is from the future: compare the clocks of this machine and the provider");
    }

    private List<string> Texts(string name) => ClaimTexts.Of(Claims, name);

    private DateTimeOffset? Seconds(string name) =>
        Claims.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.Number
        && value.TryGetDouble(out var seconds)
        && seconds is >= 0 and < 253402300800
            ? DateTimeOffset.FromUnixTimeSeconds((long)seconds)
            : null;
}
