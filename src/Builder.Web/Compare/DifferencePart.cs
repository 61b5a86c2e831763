using Builder.Web.Builds;
using Builder.Web.Pages;
using Microsoft.AspNetCore.Html;

namespace Builder.Web.Compare;

/// <summary>One node of a difference with what is below it.</summary>
/// <param name="PageLayout">With a time to refresh while the difference is being computed.</param>
/// <param name="Path">From the artifact to the node, as names and addresses; the node itself last.</param>
/// <param name="Next">Where the children go on that this page does not have; null where it has all.</param>
public sealed record DifferencePart(
    PageLayout PageLayout,
    BuildFacts Left,
    BuildFacts Right,
    IReadOnlyList<(string Name, string Address)> Path,
    HtmlString Tree,
    string? Next
);
