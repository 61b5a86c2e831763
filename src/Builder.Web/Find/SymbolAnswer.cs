namespace Builder.Web.Find;

/// <summary>Where a symbol is.</summary>
/// <param name="Places">Those whose latest build has it first, then by name.</param>
public sealed record SymbolAnswer(string Name, IReadOnlyList<PackagePlace> Places);
