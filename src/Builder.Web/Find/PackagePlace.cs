namespace Builder.Web.Find;

/// <summary>Where a package is: a job on a platform.</summary>
/// <param name="Versions">In all builds that were asked for, in their order; an empty one is not known.</param>
/// <param name="Latest">The latest successful build; null where none is here any more.</param>
/// <param name="LatestVersions">Of those asked for, which the latest build has; none where it is clean.</param>
/// <param name="LastAffected">The last build that had one of them.</param>
/// <param name="FirstFixed">The first build after that without; null where the latest has one, or there is none.</param>
/// <param name="Builds">How many had one of them, removed ones too.</param>
public sealed record PackagePlace(
    string Job,
    string Platform,
    IReadOnlyList<string> Versions,
    SeenBuild? Latest,
    IReadOnlyList<string> LatestVersions,
    SeenBuild LastAffected,
    SeenBuild? FirstFixed,
    long Builds
)
{
    public bool IsAffected => LatestVersions.Count > 0;
}
