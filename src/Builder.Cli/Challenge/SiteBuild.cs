using Builder.Analysis.Values;

namespace Builder.Cli.Challenge;

/// <summary>A build as a site lists it.</summary>
/// <param name="Digest">SHA-256 of its main binary; null where the site withholds it.</param>
internal sealed record SiteBuild(Uri Site, string Job, string Uuid, string Platform, string InputId, Sha256Digest? Digest)
{
    public string Address => $"{Site.AbsoluteUri.TrimEnd('/')}/job/{Uri.EscapeDataString(Job)}/build/{Uuid}";
}
