namespace Builder.Analysis.Difference.Leaves;

/// <summary>Messages of a gettext catalogue in their order.</summary>
internal sealed record Catalogue(IReadOnlyList<CatalogueMessage> Messages);
