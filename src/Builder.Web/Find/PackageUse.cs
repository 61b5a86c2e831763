using Builder.Analysis.Advisories;
using Builder.Protocol.Values;

namespace Builder.Web.Find;

/// <summary>Builds of one job on one platform with the same set of packages.</summary>
/// <param name="Set">Of the index.</param>
internal sealed record PackageUse(
    long Package,
    PackageWay Way,
    long Set,
    long Kind,
    long Place,
    long Builds,
    SeenBuild First,
    SeenBuild Last
);

/// <summary>A build, still here or removed.</summary>
public sealed record SeenBuild(BuildUuid Uuid, Timestamp Started);
