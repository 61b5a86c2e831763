using Builder.Storage.Rebuilders;
using Builder.Web.Pages;

namespace Builder.Web.Rebuilders;

/// <param name="Details">What each operator got, by name.</param>
/// <param name="Site">The address of this site.</param>
public sealed record BuildRebuildersPage(
    PageLayout PageLayout,
    RebuiltBuild Build,
    Quorum Quorum,
    IReadOnlyList<RebuildDetail> Details,
    string Site
);
