using System.Text.RegularExpressions;
using Builder.Protocol.Values;
using Builder.Publishing.Archives;

namespace Builder.Publishing.FreeBsd;

/// <summary>Into which ABIs of a repository a package goes.</summary>
internal static partial class AbiChoice
{
    /// <exception cref="PackageException">Into none; the message says why.</exception>
    public static IReadOnlyList<string> For(string abi, Platform platform, IReadOnlyList<string> configured)
    {
        var release = PlatformRelease().Match(platform.Value);
        var major = abi.Split(':')[1];
        if (release.Success && major != "*" && release.Groups[1].Value != major)
            throw new PackageException($"the package is for {abi}, but was built on {platform}");
        if (!abi.Contains('*', StringComparison.Ordinal))
            return configured.Count == 0 || configured.Contains(abi)
                ? [abi]
                : throw new PackageException($"ABI {abi} is none of this repository's: {string.Join(", ", configured)}");
        string[] fitting = [.. configured.Where(candidate => Fits(abi, candidate))];
        return fitting.Length > 0
            ? fitting
            : throw new PackageException(
                $"the package is for {abi}, and repository.conf names no ABI that fits (architectures = FreeBSD:14:amd64 …)"
            );
    }

    private static bool Fits(string pattern, string abi) =>
        pattern.Split(':').Zip(abi.Split(':'), (wanted, given) => wanted == "*" || wanted == given).All(fits => fits);

    [GeneratedRegex(@"\Afreebsd-([0-9]{1,3})(?:[.]|\z)", RegexOptions.CultureInvariant)]
    private static partial Regex PlatformRelease();
}
