namespace Builder.Web.Find;

/// <summary>How often a version is contained.</summary>
/// <param name="Latest">Latest builds of a job on a platform.</param>
/// <param name="Builds">All builds, removed ones too.</param>
public sealed record PackageVersionCount(string Version, int Latest, long Builds, SeenBuild Last);
