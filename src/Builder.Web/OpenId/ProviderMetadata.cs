using System.Text.Json;
using Builder.Web.Options;

namespace Builder.Web.OpenId;

/// <summary>What a provider says of itself (OpenID Connect Discovery 1.0 section 3).</summary>
internal sealed record ProviderMetadata(Uri Authorization, Uri Token, Uri Keys, Uri? UserInfo, bool SendsIssuer)
{
    /// <exception cref="OpenIdException">It is of another issuer, or names an address that secrets must not go to.</exception>
    public static ProviderMetadata Read(JsonElement document, string issuer)
    {
        if (Text(document, "issuer") is not { } own || own.TrimEnd('/') != issuer.TrimEnd('/'))
            throw new OpenIdException($"the provider calls itself \"{Text(document, "issuer")}\", configured is \"{issuer}\"");
        return new ProviderMetadata(
            Address(document, "authorization_endpoint"),
            Address(document, "token_endpoint"),
            Address(document, "jwks_uri"),
            document.TryGetProperty("userinfo_endpoint", out _) ? Address(document, "userinfo_endpoint") : null,
            document.TryGetProperty("authorization_response_iss_parameter_supported", out var sends)
                && sends.ValueKind == JsonValueKind.True
        );
    }

    internal static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static Uri Address(JsonElement document, string name) =>
        Uri.TryCreate(Text(document, name), UriKind.Absolute, out var address) && OpenIdOptions.IsSafe(address)
            ? address
            : throw new OpenIdException($"the provider's \"{name}\" is not an https address");
}
