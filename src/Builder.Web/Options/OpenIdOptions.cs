using Builder.Storage.Accounts;

namespace Builder.Web.Options;

/// <summary>A provider of OpenID Connect that people sign in with.</summary>
/// <param name="ClientSecret">Null for a public client, which PKCE protects.</param>
/// <param name="RoleClaim">The claim that roles follow from; a text or a list of texts.</param>
/// <param name="Roles">Which value of that claim gives which role; the highest counts.</param>
public sealed record OpenIdOptions(
    Uri Issuer,
    string ClientId,
    string? ClientSecret,
    string RoleClaim,
    IReadOnlyList<KeyValuePair<string, AccountRole>> Roles
)
{
    /// <summary>On the button; null: the issuer's host.</summary>
    public string? Name { get; init; }

    /// <summary>The scopes that are asked for.</summary>
    public string Scope { get; init; } = "openid profile";

    /// <summary>The claim that an account is named by.</summary>
    public string NameClaim { get; init; } = "preferred_username";

    public string Title => Name ?? Issuer.Host;

    /// <summary>Why the provider cannot be used; null where it can.</summary>
    internal string? Refusal()
    {
        if (!IsSafe(Issuer))
            return $"--oidc-issuer takes an https address (http on this machine only), not \"{Issuer.OriginalString}\"";
        if (Issuer.Query.Length > 0 || Issuer.Fragment.Length > 0 || Issuer.UserInfo.Length > 0)
            return $"--oidc-issuer takes an address without query, fragment and user, not \"{Issuer.OriginalString}\"";
        if (ClientId.Length == 0)
            return "--oidc-client-id is empty";
        return Roles.Count == 0 ? "--oidc-role is missing: which value of the claim gives which role, such as operator=builders" : null;
    }

    /// <summary>Secrets go to addresses with TLS, and to this machine.</summary>
    internal static bool IsSafe(Uri address) =>
        address.IsAbsoluteUri && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback));
}
