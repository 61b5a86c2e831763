using System.Collections.Immutable;
using Builder.Proof.Keys;

namespace Builder.Proof.Verifying;

/// <summary>The keys whose statements count.</summary>
public sealed record TrustedKeys
{
    /// <summary>Given by the person who verifies: valid without question.</summary>
    public ImmutableArray<VerificationKey> Given { get; init; } = [];

    /// <summary>Of the site, with the time that each was in use; null where nobody asked the site.</summary>
    public KeyList? List { get; init; }

    /// <summary>
    /// Whatever key the log's entry names counts: a log that is trusted holds only statements of its own site. For a verifier who has the
    /// log's key and nothing else.
    /// </summary>
    public bool TakesKeysOfLog { get; init; }

    internal IEnumerable<VerificationKey> Candidates =>
        Given.Concat(List?.Keys.Where(key => key.Use == KeyUse.Statements).Select(key => key.Key) ?? []);

    internal KeyStanding StandingOf(VerificationKey key, DateTimeOffset signed, long? logIndex) =>
        // A list knows of thefts that a file at home does not.
        List?.Find(key.Id)
            is { } listed
            ? listed.At(signed, logIndex)
        : Given.Contains(key) || TakesKeysOfLog ? KeyStanding.Valid
        : KeyStanding.Unknown;
}
