using System.Net;
using Builder.Protocol.Values;
using Builder.Web.Http;
using Builder.Web.Options;
using Microsoft.Extensions.Primitives;

namespace Builder.Web.Proxies;

/// <summary>
/// Reads <c>Forwarded</c> (RFC 7239) and <c>X-Forwarded-For</c>, <c>-Proto</c> and <c>-Host</c>: a hop for each proxy, the nearest last. What is malformed says
/// nothing.
/// </summary>
internal static class ForwardedHeaders
{
    public const string Standard = "Forwarded";
    public const string For = "X-Forwarded-For";
    public const string Proto = "X-Forwarded-Proto";
    public const string Host = "X-Forwarded-Host";

    /// <summary>The hops of <c>Forwarded</c>: elements separated by commas, each of pairs separated by semicolons.</summary>
    public static List<ForwardedHop> ReadStandard(StringValues header)
    {
        var hops = new List<ForwardedHop>();
        foreach (var line in header)
        {
            foreach (var element in Split(line ?? "", ','))
            {
                if (element.Length > 0)
                    hops.Add(Hop(element));
            }
        }
        return hops;
    }

    /// <summary>
    /// The hops of the <c>X-Forwarded-</c> headers. Proxies add to <c>-For</c>; of the others most send one value for all. Where there are as many values as addresses
    /// they belong together.
    /// </summary>
    public static List<ForwardedHop> ReadCustomary(IHeaderDictionary headers)
    {
        var addresses = List(headers[For]);
        var schemes = List(headers[Proto]);
        var hosts = List(headers[Host]);
        var count = Math.Max(addresses.Count, Math.Max(schemes.Count, hosts.Count));
        var hops = new List<ForwardedHop>(count);
        for (var fromEnd = count; fromEnd > 0; fromEnd--)
            hops.Add(
                new ForwardedHop(
                    Address(FromEnd(addresses, fromEnd)),
                    Scheme(Nearest(schemes, fromEnd)),
                    HostOrNull(Nearest(hosts, fromEnd))
                )
            );
        return hops;

        static string? FromEnd(List<string> values, int number) => number <= values.Count ? values[^number] : null;
        static string? Nearest(List<string> values, int number) => values.Count == 0 ? null : values[^Math.Min(number, values.Count)];
    }

    private static ForwardedHop Hop(string element)
    {
        IPAddress? address = null;
        string? scheme = null,
            host = null;
        foreach (var pair in Split(element, ';'))
        {
            var mark = pair.IndexOf('=', StringComparison.Ordinal);
            if (mark < 0 || Value(pair[(mark + 1)..].Trim()) is not { } value)
                continue;
            switch (pair[..mark].Trim().ToLowerInvariant())
            {
                case "for":
                    address = Address(value);
                    break;
                case "proto":
                    scheme = Scheme(value);
                    break;
                case "host":
                    host = HostOrNull(value);
                    break;
            }
        }
        return new ForwardedHop(address, scheme, host);
    }

    /// <summary>An address with a port or without; IPv6 stands in brackets in <c>Forwarded</c>, without them in <c>X-Forwarded-For</c>. Null: unknown, or hidden on purpose.</summary>
    private static IPAddress? Address(string? text)
    {
        if (text is null)
            return null;
        if (text.StartsWith('['))
        {
            var end = text.IndexOf(']', StringComparison.Ordinal);
            return end > 0 && IsPort(text[(end + 1)..]) && IPAddress.TryParse(text[1..end], out var inBrackets)
                ? TrustedProxies.Plain(inBrackets)
                : null;
        }
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        // One colon is a port's.
        if (colon > 0 && colon == text.LastIndexOf(':'))
            return IsPort(text[colon..]) ? Address(text[..colon]) : null;
        return AddressText.TryParse(text, out var address) ? TrustedProxies.Plain(address) : null;
    }

    private static bool IsPort(string text) =>
        text.Length == 0 || (text.Length is > 1 and <= 6 && text[0] == ':' && text.AsSpan(1).ContainsAnyExceptInRange('0', '9') == false);

    private static string? Scheme(string? text) =>
        text?.ToLowerInvariant() switch
        {
            "http" => "http",
            "https" => "https",
            _ => null,
        };

    private static string? HostOrNull(string? text) => text is not null && SiteOrigin.TryParseHost(text, out _) ? text : null;

    /// <summary>A token, or what stands between quotes; null where the quotes do not end.</summary>
    private static string? Value(string text)
    {
        if (!text.StartsWith('"'))
            return text;
        return text.Length >= 2 && text.EndsWith('"') ? text[1..^1].Replace("\\", "", StringComparison.Ordinal) : null;
    }

    private static List<string> List(StringValues header)
    {
        var values = new List<string>();
        foreach (var line in header)
            values.AddRange(Split(line ?? "", ','));
        return values;
    }

    /// <summary>At marks that are not between quotes.</summary>
    private static List<string> Split(string text, char mark)
    {
        var parts = new List<string>();
        var start = 0;
        var isQuoted = false;
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] == '"')
                isQuoted = !isQuoted;
            else if (text[index] == '\\' && isQuoted)
                index++;
            else if (text[index] == mark && !isQuoted)
            {
                parts.Add(text[start..index].Trim());
                start = index + 1;
            }
        }
        parts.Add(text[start..].Trim());
        return parts;
    }
}
