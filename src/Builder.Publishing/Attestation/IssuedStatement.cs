using Builder.Protocol.Values;

namespace Builder.Publishing.Attestation;

/// <summary>A statement that the signer signed.</summary>
/// <param name="Build">Null for the list of keys.</param>
/// <param name="LogIndex">Null until it is in the log.</param>
/// <param name="Levels">Of a summary: what it claims.</param>
/// <param name="Fresh">What was just signed, so that nobody reads it again; null where it was read from the signer's memory.</param>
internal sealed record IssuedStatement(
    long Id,
    BuildUuid? Build,
    string Kind,
    ReadOnlyMemory<byte> Envelope,
    string KeyId,
    long? LogIndex,
    DateTimeOffset Created,
    AttestedFacts Facts,
    string Levels,
    FreshStatement? Fresh = null
);
