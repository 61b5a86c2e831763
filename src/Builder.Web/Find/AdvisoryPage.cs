using Builder.Web.Pages;

namespace Builder.Web.Find;

/// <summary>One advisory and all it applies to.</summary>
public sealed record AdvisoryPage(PageLayout PageLayout, AdvisoryPlaces Answer);
