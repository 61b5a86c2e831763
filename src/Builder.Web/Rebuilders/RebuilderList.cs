using Builder.Web.Pages;

namespace Builder.Web.Rebuilders;

/// <param name="Rebuilders">Keys by operator.</param>
/// <param name="Site">The address of this site.</param>
public sealed record RebuilderList(PageLayout PageLayout, IReadOnlyList<IGrouping<string, ShownKey>> Rebuilders, string Site);
