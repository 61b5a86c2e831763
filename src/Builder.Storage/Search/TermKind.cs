namespace Builder.Storage.Search;

/// <summary>What the documents of an index of terms are. The numbers stand in the database.</summary>
public enum TermKind
{
    /// <summary>A console; its terms are trigrams. The subject is a build.</summary>
    Console = 0,

    /// <summary>A main binary; its terms are names of symbols. The subject is its set in the index of contents.</summary>
    Symbols = 1,
}
