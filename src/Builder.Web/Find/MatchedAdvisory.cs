using Builder.Analysis.Advisories;

namespace Builder.Web.Find;

/// <summary>An advisory that applies to the latest build of a job on a platform.</summary>
/// <param name="Place">Where, with the first of the packages that it names.</param>
internal sealed record MatchedAdvisory(Advisory Advisory, AffectedPlace Place);
