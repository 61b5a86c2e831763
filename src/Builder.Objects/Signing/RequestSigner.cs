using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Builder.Objects.Credentials;

namespace Builder.Objects.Signing;

/// <summary>
/// AWS Signature Version 4 (AWS General Reference, "Signature Version 4 signing process"): the request in one canonical form, hashed, signed with
/// a key that is derived for day, region and service.
/// </summary>
public sealed class RequestSigner(string region, string service = "s3")
{
    /// <summary>In place of a hash where the body is not signed: presigned requests.</summary>
    public const string UnsignedPayload = "UNSIGNED-PAYLOAD";

    private const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>The value of the header <c>Authorization</c>.</summary>
    /// <param name="path">Encoded, beginning with <c>/</c>.</param>
    /// <param name="query">Names and values before encoding.</param>
    /// <param name="headers">Those to be signed, with lower case names; <c>host</c> and <c>x-amz-date</c> among them.</param>
    /// <param name="payloadHash">SHA-256 of the body in lower case hex, or <see cref="UnsignedPayload"/>.</param>
    public string Authorize(
        string method,
        string path,
        IEnumerable<KeyValuePair<string, string>> query,
        IReadOnlyDictionary<string, string> headers,
        string payloadHash,
        AccessKey key,
        DateTimeOffset now
    )
    {
        var signature = Sign(CanonicalRequest(method, path, query, headers, payloadHash), key, now);
        return $"{Algorithm} Credential={key.Id}/{Scope(now)}, SignedHeaders={SignedHeaders(headers)}, Signature={signature}";
    }

    /// <summary>The query of a request that anybody can send until it expires, with <c>X-Amz-Signature</c> as its last value.</summary>
    /// <param name="query">What else it asks for, such as <c>response-content-type</c>.</param>
    /// <param name="lifetime">At most 7 days.</param>
    public string Presign(
        string method,
        string path,
        IEnumerable<KeyValuePair<string, string>> query,
        string host,
        TimeSpan lifetime,
        AccessKey key,
        DateTimeOffset now
    )
    {
        if (lifetime <= TimeSpan.Zero || lifetime > TimeSpan.FromDays(7))
            throw new ArgumentOutOfRangeException(nameof(lifetime), lifetime, "presigned requests live for 1 s to 7 days");
        var all = new List<KeyValuePair<string, string>>(query)
        {
            new("X-Amz-Algorithm", Algorithm),
            new("X-Amz-Credential", $"{key.Id}/{Scope(now)}"),
            new("X-Amz-Date", Time(now)),
            new("X-Amz-Expires", ((long)lifetime.TotalSeconds).ToString(CultureInfo.InvariantCulture)),
            new("X-Amz-SignedHeaders", "host"),
        };
        if (key.SessionToken is { } token)
            all.Add(new("X-Amz-Security-Token", token));
        var headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["host"] = host };
        var signature = Sign(CanonicalRequest(method, path, all, headers, UnsignedPayload), key, now);
        return $"{CanonicalQuery(all)}&X-Amz-Signature={signature}";
    }

    /// <summary>As <c>x-amz-date</c> has it.</summary>
    public static string Time(DateTimeOffset now) => now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Sorted by encoded name and value; a name without a value keeps its <c>=</c>.</summary>
    public static string CanonicalQuery(IEnumerable<KeyValuePair<string, string>> query) =>
        string.Join(
            '&',
            query
                .Select(static pair => (Name: KeyEncoding.Encode(pair.Key), Value: KeyEncoding.Encode(pair.Value)))
                .OrderBy(static pair => pair.Name, StringComparer.Ordinal)
                .ThenBy(static pair => pair.Value, StringComparer.Ordinal)
                .Select(static pair => $"{pair.Name}={pair.Value}")
        );

    internal static string CanonicalRequest(
        string method,
        string path,
        IEnumerable<KeyValuePair<string, string>> query,
        IReadOnlyDictionary<string, string> headers,
        string payloadHash
    )
    {
        var lines = headers
            .OrderBy(static pair => pair.Key, StringComparer.Ordinal)
            .Select(static pair => $"{pair.Key}:{Trim(pair.Value)}\n");
        return $"{method}\n{path}\n{CanonicalQuery(query)}\n{string.Concat(lines)}\n{SignedHeaders(headers)}\n{payloadHash}";
    }

    internal string StringToSign(string canonicalRequest, DateTimeOffset now) =>
        $"{Algorithm}\n{Time(now)}\n{Scope(now)}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonicalRequest)))}";

    private string Sign(string canonicalRequest, AccessKey key, DateTimeOffset now)
    {
        var day = Hmac(Encoding.UTF8.GetBytes("AWS4" + key.Secret), Day(now));
        var signing = Hmac(Hmac(Hmac(day, region), service), "aws4_request");
        return Hex(Hmac(signing, StringToSign(canonicalRequest, now)));
    }

    private string Scope(DateTimeOffset now) => $"{Day(now)}/{region}/{service}/aws4_request";

    private static string Day(DateTimeOffset now) => now.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    private static string SignedHeaders(IReadOnlyDictionary<string, string> headers) =>
        string.Join(';', headers.Keys.Order(StringComparer.Ordinal));

    /// <summary>Spaces around a value do not count, and several count as one.</summary>
    private static string Trim(string value) => string.Join(' ', value.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static byte[] Hmac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
