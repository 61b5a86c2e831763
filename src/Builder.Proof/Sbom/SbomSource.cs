using System.Collections.Immutable;
using Builder.Analysis.Opam;

namespace Builder.Proof.Sbom;

/// <summary>Where a source is fetched from.</summary>
/// <param name="Url">Absolute, with nothing in it that a URL may not have.</param>
internal sealed record SbomSource(string Url, ImmutableArray<OpamHash> Hashes)
{
    private const int MaxLength = 2048;

    /// <summary>Version control: <c>git+https://…#COMMIT</c>.</summary>
    public bool IsRepository =>
        Url.StartsWith("git", StringComparison.Ordinal)
        || Url.StartsWith("hg+", StringComparison.Ordinal)
        || Url.StartsWith("darcs+", StringComparison.Ordinal);

    /// <summary>As SPDX writes it: the revision stands behind an @ (SPDX 2.3 section 7.7).</summary>
    public string SpdxLocation => IsRepository && Url.LastIndexOf('#') is >= 0 and var mark ? $"{Url[..mark]}@{Url[(mark + 1)..]}" : Url;

    /// <summary>Null where the text is no absolute URL.</summary>
    public static SbomSource? Of(OpamSource? source) => source?.Url is { } url ? Of(url.ToString(), source.Checksums) : null;

    /// <inheritdoc cref="Of(OpamSource?)"/>
    public static SbomSource? Of(string url, ImmutableArray<OpamHash> hashes) =>
        CleanUrl(url) is { } clean ? new SbomSource(clean, [.. hashes.DistinctBy(hash => hash.Kind)]) : null;

    public static string? CleanUrl(string url) =>
        url.Length <= MaxLength
        && Uri.TryCreate(url, UriKind.Absolute, out var address)
        && !address.IsFile
        && Uri.IsWellFormedUriString(address.AbsoluteUri, UriKind.Absolute)
        && address.AbsoluteUri.All(char.IsAscii)
            ? address.AbsoluteUri
            : null;
}
