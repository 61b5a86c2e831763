namespace Builder.Analysis.Difference.Leaves;

/// <param name="Id">Context and message id; empty for the header.</param>
/// <param name="Comment">References and flags; empty in a compiled catalogue.</param>
internal sealed record CatalogueMessage(string Id, string Text, string Comment);
