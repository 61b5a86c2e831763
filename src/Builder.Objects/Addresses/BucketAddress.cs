using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Builder.Objects.Addresses;

/// <summary>
/// Where objects are: <c>s3://BUCKET[/PREFIX]?endpoint=URL&amp;region=REGION</c>. Requests name the bucket in the path
/// (<c>ENDPOINT/BUCKET/KEY</c>), which AWS and Ceph both take.
/// </summary>
/// <param name="Prefix">Comes before every key: empty, or ending in <c>/</c>.</param>
/// <param name="Endpoint">Scheme, host and port, without a path.</param>
public sealed record BucketAddress(string Bucket, string Prefix, Uri Endpoint, string Region)
{
    private const string Scheme = "s3://";
    private const string DefaultRegion = "us-east-1";
    private const int MaxPrefixLength = 512;

    /// <summary>Without credentials, for messages and logs.</summary>
    public override string ToString() => $"{Scheme}{Bucket}{(Prefix.Length == 0 ? "" : "/" + Prefix.TrimEnd('/'))} at {Endpoint.Authority}";

    /// <summary>Whether text names a bucket rather than a directory.</summary>
    public static bool IsAddress(string text) => text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <param name="environment">Gives <c>AWS_REGION</c>, <c>AWS_DEFAULT_REGION</c> and <c>AWS_ENDPOINT_URL_S3</c>, which count where the address does not say.</param>
    /// <param name="reason">Why it is none; null where it is one.</param>
    public static bool TryParse(
        string text,
        Func<string, string?> environment,
        [NotNullWhen(true)] out BucketAddress? address,
        [NotNullWhen(false)] out string? reason
    )
    {
        address = null;
        if (!IsAddress(text))
        {
            reason = "it does not begin with s3://";
            return false;
        }
        var query = text.IndexOf('?', StringComparison.Ordinal);
        var place = text[Scheme.Length..(query < 0 ? text.Length : query)];
        var slash = place.IndexOf('/', StringComparison.Ordinal);
        var bucket = slash < 0 ? place : place[..slash];
        var prefix = slash < 0 ? "" : place[(slash + 1)..].Trim('/');
        if ((reason = BucketFault(bucket) ?? PrefixFault(prefix)) is not null)
            return false;
        if ((reason = ReadQuery(query < 0 ? "" : text[(query + 1)..], out var values)) is not null)
            return false;
        var region = values.GetValueOrDefault("region") ?? environment("AWS_REGION") ?? environment("AWS_DEFAULT_REGION") ?? DefaultRegion;
        if (region.Length is 0 or > 64 || !region.All(static one => char.IsAsciiLetterOrDigit(one) || one == '-'))
        {
            reason = $"the region \"{region}\" has other characters than letters, digits and \"-\"";
            return false;
        }
        var endpoint =
            values.GetValueOrDefault("endpoint")
            ?? environment("AWS_ENDPOINT_URL_S3")
            ?? environment("AWS_ENDPOINT_URL")
            ?? $"https://s3.{region}.amazonaws.com";
        var isPlainAllowed = values.GetValueOrDefault("plain-http") == "true";
        if ((reason = EndpointFault(endpoint, isPlainAllowed, out var uri)) is not null)
            return false;
        address = new BucketAddress(bucket, prefix.Length == 0 ? "" : prefix + "/", uri!, region);
        return true;
    }

    private static string? BucketFault(string bucket) =>
        bucket.Length is < 3 or > 63
        || !bucket.All(static one => char.IsAsciiLetterLower(one) || char.IsAsciiDigit(one) || one is '-' or '.' or '_')
        || !char.IsAsciiLetterOrDigit(bucket[0])
            ? $"the bucket \"{bucket}\" is no bucket name: use 3 to 63 lower case letters, digits, \"-\" and \".\""
            : null;

    private static string? PrefixFault(string prefix)
    {
        if (prefix.Length == 0)
            return null;
        if (prefix.Length > MaxPrefixLength)
            return $"the prefix has more than {MaxPrefixLength} characters";
        return
            prefix.Split('/').Any(static part => part is "" or "." or "..")
            || !prefix.All(static one => char.IsAsciiLetterOrDigit(one) || one is '-' or '_' or '.' or '/')
            ? $"the prefix \"{prefix}\" has other characters than letters, digits, \"-\", \"_\", \".\" and \"/\", or an empty part"
            : null;
    }

    private static string? ReadQuery(string query, out Dictionary<string, string> values)
    {
        values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? part : part[..equals];
            var value = equals < 0 ? "" : Uri.UnescapeDataString(part[(equals + 1)..]);
            if (name is "access-key" or "secret" or "access-key-id" or "secret-access-key" or "key" or "token")
                return $"\"{name}\" does not belong into the address: others can read it. Use AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_SHARED_CREDENTIALS_FILE";
            if (name is not ("endpoint" or "region" or "plain-http"))
                return $"\"{name}\" is unknown; use endpoint, region or plain-http";
            if (name == "plain-http" && value is not ("true" or "false"))
                return $"plain-http is \"{value}\"; use true or false";
            if (!values.TryAdd(name, value))
                return $"\"{name}\" is there twice";
        }
        return null;
    }

    private static string? EndpointFault(string endpoint, bool isPlainAllowed, out Uri? uri)
    {
        if (
            !Uri.TryCreate(endpoint, UriKind.Absolute, out uri)
            || uri.Scheme is not ("http" or "https")
            || uri.AbsolutePath != "/"
            || uri.Query.Length > 0
            || uri.UserInfo.Length > 0
        )
            return $"the endpoint \"{endpoint}\" is no http or https address of a host and port";
        var isLoopback = uri.IsLoopback || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var host) && IPAddress.IsLoopback(host));
        return uri.Scheme == "http" && !isLoopback && !isPlainAllowed
            ? $"the endpoint \"{endpoint}\" is not encrypted: use https, or add plain-http=true where the network is trusted"
            : null;
    }
}
