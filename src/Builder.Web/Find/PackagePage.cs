using Builder.Analysis.Advisories;
using Builder.Web.Pages;

namespace Builder.Web.Find;

/// <param name="Answer">Where the package is.</param>
public sealed record PackagePage(PageLayout PageLayout, PackageAnswer Answer)
{
    public string Ecosystem => EcosystemNames.NameOf(Answer.Expression.Ecosystem);
}
