namespace Builder.Cli.Verify;

/// <summary>What an earlier visit to a site left: later ones must show the same log, grown.</summary>
/// <param name="Log">The key of its log, NAME+HASH+BASE64.</param>
/// <param name="Keys">Ids of the keys that signed statements then.</param>
/// <param name="Checkpoint">The last one that was seen, as a signed note.</param>
internal sealed record KnownSite(string Site, string Log, IReadOnlyList<string> Keys, string? Checkpoint);
