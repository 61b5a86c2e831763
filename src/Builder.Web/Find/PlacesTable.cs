using Builder.Web.Html;

namespace Builder.Web.Find;

/// <summary>Jobs that contain something, a row each.</summary>
public sealed record PlacesTable(IReadOnlyList<PackagePlace> Places, PageClock Moment)
{
    /// <summary>Modules, libraries and symbols have none.</summary>
    public bool HasVersions { get; init; } = true;
}
