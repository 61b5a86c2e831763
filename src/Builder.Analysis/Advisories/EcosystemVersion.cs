using System.Text;
using Builder.Analysis.Opam;

namespace Builder.Analysis.Advisories;

/// <summary>The order of versions, by the rules of their ecosystem.</summary>
public static class EcosystemVersion
{
    public static int Compare(Ecosystem ecosystem, string left, string right) =>
        ecosystem switch
        {
            Ecosystem.Opam => CompareOpam(left, right),
            Ecosystem.Debian => CompareDebian(left, right),
            Ecosystem.FreeBsd => FreeBsdVersion.Compare(left, right),
            Ecosystem.Cargo => SemanticVersion.Compare(left, right),
            Ecosystem.Go => SemanticVersion.Compare(GoVersion.Normalize(left), GoVersion.Normalize(right)),
            _ => string.CompareOrdinal(left, right),
        };

    private static int CompareOpam(string left, string right) =>
        PackageVersion.Compare(Encoding.UTF8.GetBytes(left), Encoding.UTF8.GetBytes(right));

    // deb-version(7): [EPOCH:]UPSTREAM[-REVISION]; behind the epoch opam's order is Debian's.
    private static int CompareDebian(string left, string right)
    {
        var (leftEpoch, leftRest) = CutEpoch(left);
        var (rightEpoch, rightRest) = CutEpoch(right);
        var epochs = CompareOpam(leftEpoch, rightEpoch);
        return epochs != 0 ? epochs : CompareOpam(leftRest, rightRest);
    }

    private static (string Epoch, string Version) CutEpoch(string version)
    {
        var colon = version.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 || version.AsSpan(0, colon).ContainsAnyExceptInRange('0', '9')
            ? ("0", version)
            : (version[..colon], version[(colon + 1)..]);
    }
}
