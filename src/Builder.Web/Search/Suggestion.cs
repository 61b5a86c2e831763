namespace Builder.Web.Search;

/// <summary>Something that the search field offers.</summary>
/// <param name="Group">Job, or the ecosystem of a package.</param>
internal sealed record Suggestion(string Text, string Group, string Address);
