using Builder.Analysis.Values;

namespace Builder.Cli.Download;

/// <summary>What a site says about an artifact.</summary>
/// <param name="Address">After redirects: "latest" may be another build a moment later.</param>
/// <param name="Length">In bytes.</param>
internal sealed record RemoteFile(Uri Address, Sha256Digest Digest, long Length);
