using System.Text;

namespace Builder.Web.Http;

/// <summary>What the Authorization header holds: Basic (RFC 7617) or Bearer (RFC 6750).</summary>
/// <param name="Name">Null for Bearer.</param>
internal sealed record RequestCredentials(string? Name, string Password)
{
    private const string Basic = "Basic ";
    private const string Bearer = "Bearer ";
    private const int MaxLength = 4096;

    /// <returns>Null where there is none, or it cannot be read.</returns>
    public static RequestCredentials? Of(HttpRequest request)
    {
        if (request.Headers.Authorization is not [{ Length: < MaxLength } header])
            return null;
        if (header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return new RequestCredentials(null, header[Bearer.Length..].Trim());
        if (!header.StartsWith(Basic, StringComparison.Ordinal))
            return null;
        var encoded = header.AsSpan(Basic.Length);
        var bytes = new byte[encoded.Length];
        if (encoded.ContainsAny(' ', '\t') || !Convert.TryFromBase64Chars(encoded, bytes, out var length))
            return null;
        var pair = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : new RequestCredentials(pair[..colon], pair[(colon + 1)..]);
    }
}
