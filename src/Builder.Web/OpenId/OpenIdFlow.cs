using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Builder.Web.Accounts;

namespace Builder.Web.OpenId;

/// <summary>
/// One sign-in with the provider. All that must not be guessed follows from the browser's secret and a random number: nothing is kept at the site, and an
/// answer counts in the browser alone that asked.
/// </summary>
/// <param name="Then">Where to go afterwards.</param>
internal sealed record OpenIdFlow(string Random, string Then, string Secret)
{
    private const int RandomBytes = 16;

    public string State => $"{Random}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Then))}.{Mark}";

    public string Nonce => BrowserCookies.Derive(Secret, $"openid nonce {Random}");

    /// <summary>43 characters, as RFC 7636 section 4.1 has them.</summary>
    public string Verifier => BrowserCookies.Derive(Secret, $"openid verifier {Random}");

    public string Challenge => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));

    private string Mark => BrowserCookies.Derive(Secret, $"openid state {Random} {Then}");

    public static OpenIdFlow Begin(string secret, string then) =>
        new(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes)), then, secret);

    /// <param name="secret">Of the browser that brings the answer.</param>
    public static bool TryRead(string? state, string? secret, [NotNullWhen(true)] out OpenIdFlow? flow)
    {
        flow = null;
        if (secret is null || state?.Split('.') is not [var random, var then, var mark])
            return false;
        if (!Base64Url.IsValid(then))
            return false;
        var found = new OpenIdFlow(random, Encoding.UTF8.GetString(Base64Url.DecodeFromChars(then)), secret);
        if (!BrowserCookies.AreEqual(mark, found.Mark))
            return false;
        flow = found;
        return true;
    }
}
