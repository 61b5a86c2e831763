using System.Diagnostics.CodeAnalysis;
using Builder.Protocol.Values;

namespace Builder.Cli.Diff;

/// <summary>An address on a Builder site, or of any file on the web.</summary>
/// <param name="IsBuild">A whole build: <c>/job/JOB/build/UUID</c>, or <c>latest</c> for the uuid.</param>
internal sealed record SiteUrl(Uri Address, bool IsBuild)
{
    /// <summary>Without the query, which may hold a token, and without a password.</summary>
    public string Shown => Address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    public string FileName => Uri.UnescapeDataString(Address.Segments[^1].TrimEnd('/'));

    /// <summary>False where it is no http or https URL.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out SiteUrl? url)
    {
        var isWeb =
            text.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        if (!isWeb || !Uri.TryCreate(text, UriKind.Absolute, out var address))
        {
            url = null;
            return false;
        }
        var segments = address.AbsolutePath.TrimEnd('/').Split('/');
        var isBuild = segments is [.., "job", _, "build", var build] && (build == "latest" || BuildUuid.TryParse(build, out _));
        url = new SiteUrl(address, isBuild);
        return true;
    }

    /// <summary>A part of a build, such as <c>exec</c>; the query stays (<c>?platform=</c> of the latest build).</summary>
    public Uri Part(string name) => new UriBuilder(Address) { Path = $"{Address.AbsolutePath.TrimEnd('/')}/{name}", Fragment = "" }.Uri;

    /// <summary>Whether a site of ours gives the SHA-256 of what is there as its entity tag.</summary>
    public static bool HasHash(Uri address) => address.AbsolutePath.Split('/') is [_, "job", _, "build", _, "f", ..];
}
