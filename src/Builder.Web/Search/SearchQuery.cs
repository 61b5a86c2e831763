using Builder.Web.Find;

namespace Builder.Web.Search;

/// <summary>What was typed into the search field.</summary>
/// <param name="Words">For jobs, packages, hashes; empty where only a text or a symbol is asked for.</param>
/// <param name="Phrase">A text to look for in consoles; null where it cannot be looked for.</param>
/// <param name="Symbol">The name of a symbol; null where it is none.</param>
internal sealed record SearchQuery(string Words, string? Phrase, string? Symbol)
{
    private const string TextPrefix = "text:";
    private const string SymbolPrefix = "symbol:";

    /// <summary>Whether only consoles are asked: a text in quotation marks, or behind <c>text:</c>.</summary>
    public bool IsText => Words.Length == 0 && Phrase is not null;

    /// <summary>Whether only symbols are asked: a name behind <c>symbol:</c>.</summary>
    public bool IsSymbol => Words.Length == 0 && Symbol is not null;

    public static SearchQuery Parse(string typed)
    {
        var query = typed.Trim();
        if (query.StartsWith(SymbolPrefix, StringComparison.Ordinal))
            return new SearchQuery("", null, query[SymbolPrefix.Length..].Trim());
        if (query.StartsWith(TextPrefix, StringComparison.Ordinal))
            return new SearchQuery("", Unquoted(query[TextPrefix.Length..].Trim()), null);
        if (query is ['"', _, .., '"'])
            return new SearchQuery("", query[1..^1], null);
        var symbol = query.Length is > 2 and <= SymbolFinder.MaxLength && !query.Contains(' ', StringComparison.Ordinal) ? query : null;
        return new SearchQuery(query, ConsoleFinder.CanAsk(query) ? query : null, symbol);
    }

    private static string Unquoted(string text) => text is ['"', _, .., '"'] ? text[1..^1] : text;
}
