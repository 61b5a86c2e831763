using Builder.Analysis.Values;
using Builder.Protocol.Values;

namespace Builder.Storage.Rebuilders;

/// <summary>What a rebuilder said about a build, without its signed bytes.</summary>
/// <param name="Name">Of the operator.</param>
/// <param name="Agrees">It got the main binary that the site has.</param>
/// <param name="PayloadDigest">Names the statement in addresses.</param>
/// <param name="Difference">Why it got other bytes, as it says; null where it says nothing.</param>
/// <param name="Counts">False where the operator of the site revoked the key since.</param>
public sealed record RebuildRow(
    long Id,
    BuildUuid Build,
    string Name,
    string KeyId,
    bool Agrees,
    Sha256Digest PayloadDigest,
    string? Difference,
    DateTimeOffset Received,
    bool Counts
);
