namespace Builder.Web.Search;

/// <param name="Ecosystem">As addresses name it; <c>module</c> for OCaml modules, <c>lib</c> for libraries.</param>
public sealed record FoundPackage(string Ecosystem, string Name);
