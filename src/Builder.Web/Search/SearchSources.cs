using Builder.Web.Find;

namespace Builder.Web.Search;

/// <summary>What answers a search.</summary>
internal sealed record SearchSources(NewestOfContent Newest, SymbolFinder Symbols, ConsoleFinder Consoles, ContentIndexing Indexing);
