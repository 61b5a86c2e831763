namespace Builder.Web.Statements;

/// <summary>A page that describes a URI of statements.</summary>
internal sealed record StatementText(string Address, string Title, string Markdown);
