using Builder.Server.Options;

namespace Builder.Cli.Server;

/// <summary>What <c>--state</c> says: which of two states in the directory counts, or the database that holds the state.</summary>
/// <param name="Connection">Null for a state in the directory.</param>
internal sealed record StateSetting(StateChoice Choice, string? Connection)
{
    public static StateSetting? Parse(string text) =>
        text switch
        {
            "journal" => new StateSetting(StateChoice.Journal, null),
            "original" => new StateSetting(StateChoice.Original, null),
            _ => text.Contains('=', StringComparison.Ordinal) ? new StateSetting(StateChoice.Ask, text) : null,
        };
}
