using System.Buffers;
using System.Globalization;
using System.Text;
using Builder.Protocol.Values;

namespace Builder.Web.Html;

/// <summary>
/// Every address of the site, path-absolute, each segment percent-encoded: names hold spaces, <c>#</c> and <c>?</c>. Clients parse
/// <c>Location</c> headers made here, so they never become full URLs.
/// </summary>
internal static class Href
{
    public const string Home = "/";
    public const string AllBuilds = "/all-builds";
    public const string FailedBuilds = "/failed-builds";
    public const string Activity = "/activity";
    public const string Notifications = "/notifications";
    public const string Events = "/events";
    public const string Apt = "/apt";
    public const string Pkg = "/pkg";
    public const string Search = "/search";
    public const string Suggestions = "/search/suggestions";
    public const string Log = "/log";
    public const string Symbols = "/symbol";
    public const string Advisories = "/advisories";
    public const string AdvisoryFeed = "/advisories.atom";
    public const string SiteFeed = "/feed.atom";
    public const string FailureFeed = "/failures.atom";
    public const string VerdictFeed = "/verdicts.atom";
    public const string PackageFeed = "/packages.atom";
    public const string SignIn = "/sign-in";
    public const string Account = "/account";
    public const string Accounts = "/accounts";
    public const string Audit = "/audit";
    public const string Rebuilders = "/rebuilders";
    public const string Hooks = "/hooks";

    public static string Job(string job, string? platform = null) => "/job/" + Segment(job) + Query("platform", platform);

    public static string JobFeed(string job) => $"/job/{Segment(job)}/feed.atom";

    public static string JobFailed(string job, string? platform = null) => "/job/" + Segment(job) + "/failed" + Query("platform", platform);

    public static string Build(string job, BuildUuid build) => $"/job/{Segment(job)}/build/{build}";

    public static string Part(string job, BuildUuid build, string part) => $"/job/{Segment(job)}/build/{build}/{part}";

    /// <summary>A line of the console, and the lines around it.</summary>
    public static string ConsoleLine(string job, BuildUuid build, long line) =>
        string.Create(CultureInfo.InvariantCulture, $"{Part(job, build, "log")}?from={Math.Max(1, line - 200)}#L{line}");

    public static string Artifact(string job, BuildUuid build, ByteString path) => $"/job/{Segment(job)}/build/{build}/f/{Path(path)}";

    public static string Compare(BuildUuid left, BuildUuid right) => $"/compare/{left}/{right}";

    public static string Advisory(string id) => $"{Advisories}/{Segment(id)}";

    public static string Package(string ecosystem, string name, string? version = null) =>
        $"/package/{ecosystem}/{Segment(name)}{(version is null ? "" : $"/{Segment(version)}")}";

    public static string Symbol(string name) => $"{Symbols}/{Segment(name)}";

    /// <summary>Consoles with a text.</summary>
    /// <param name="job">Only its.</param>
    public static string Text(string text, string? job = null) =>
        $"{Search}{Query("q", $"\"{text}\"")}{(job is null ? "" : "&" + Query("job", job)[1..])}";

    public static string Running(BuildUuid build) => $"/activity/{build}";

    public static string Query(string name, string? value) =>
        value is null ? "" : $"?{name}={Segment(value).Replace("+", "%2B", StringComparison.Ordinal)}";

    /// <summary>Segments stay separated by slashes; bytes that are not UTF-8 stay what they are.</summary>
    public static string Path(ByteString path) => Encode(path.Span, ReadableOrSlash);

    public static string Segment(string text) => Encode(Encoding.UTF8.GetBytes(text), Readable);

    private static string Encode(ReadOnlySpan<byte> bytes, SearchValues<byte> plain)
    {
        if (!bytes.ContainsAnyExcept(plain))
            return Encoding.ASCII.GetString(bytes);
        var encoded = new StringBuilder(bytes.Length + 16);
        foreach (var octet in bytes)
        {
            if (plain.Contains(octet))
                encoded.Append((char)octet);
            else
                encoded.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
        }
        return encoded.ToString();
    }

    /// <summary>What RFC 3986 lets stand in a segment and nobody mistakes for something else.</summary>
    private static readonly SearchValues<byte> Readable = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+@=:,"u8
    );

    private static readonly SearchValues<byte> ReadableOrSlash = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+@=:,/"u8
    );
}
