using Builder.Analysis.Values;
using Builder.Protocol.Values;

namespace Builder.Storage.Rebuilders;

/// <summary>A statement that was checked and is to be kept.</summary>
/// <param name="Envelope">DSSE in JSON as it came.</param>
/// <param name="Links">In-toto links as they came, one a line.</param>
public sealed record NewRebuild(
    BuildUuid Build,
    string KeyId,
    bool Agrees,
    ReadOnlyMemory<byte> Envelope,
    Sha256Digest PayloadDigest,
    ReadOnlyMemory<byte> Links,
    string? Difference,
    DateTimeOffset Received
);
