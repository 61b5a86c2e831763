using Builder.Web.Html;

namespace Builder.Web.Find;

/// <summary>Jobs that contain something, a row each.</summary>
public sealed record PlacesTable(IReadOnlyList<PackagePlace> Places, PageClock Moment);
