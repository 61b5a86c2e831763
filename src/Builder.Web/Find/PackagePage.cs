using Builder.Analysis.Advisories;
using Builder.Web.Pages;

namespace Builder.Web.Find;

/// <param name="Answer">Where the package is.</param>
public sealed record PackagePage(PageLayout PageLayout, PackageAnswer Answer)
{
    public string Ecosystem => EcosystemNames.NameOf(Answer.Expression.Ecosystem);

    /// <summary>What it is, for people.</summary>
    public string Kind =>
        Answer.Expression.Ecosystem switch
        {
            Builder.Analysis.Advisories.Ecosystem.Module => "OCaml module",
            Builder.Analysis.Advisories.Ecosystem.Library => "library",
            Builder.Analysis.Advisories.Ecosystem.Sources => "source",
            _ => $"{Ecosystem} package",
        };
}
