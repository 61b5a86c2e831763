using Builder.Protocol.Values;

namespace Builder.Publishing.Attestation;

/// <summary>A statement that the signer signed.</summary>
/// <param name="Build">Null for the list of keys.</param>
/// <param name="LogIndex">Null until it is in the log.</param>
/// <param name="Levels">Of a summary: what it claims.</param>
internal sealed record IssuedStatement(
    long Id,
    BuildUuid? Build,
    string Kind,
    ReadOnlyMemory<byte> Envelope,
    string KeyId,
    long? LogIndex,
    DateTimeOffset Created,
    AttestedFacts Facts,
    string Levels
);
