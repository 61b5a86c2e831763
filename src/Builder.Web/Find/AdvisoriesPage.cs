using Builder.Web.Pages;

namespace Builder.Web.Find;

/// <param name="Advisories">Those that apply to a latest build first.</param>
public sealed record AdvisoriesPage(PageLayout PageLayout, IReadOnlyList<AdvisoryPlaces> Advisories);
