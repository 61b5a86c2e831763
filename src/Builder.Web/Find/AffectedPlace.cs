using Builder.Analysis.Advisories;
using Builder.Storage.Index;

namespace Builder.Web.Find;

/// <summary>A job on a platform that has, or had, an affected package.</summary>
public sealed record AffectedPlace(AffectedPackage Package, PackagePlace Place, string? Fixed, Dismissal? Dismissed);
