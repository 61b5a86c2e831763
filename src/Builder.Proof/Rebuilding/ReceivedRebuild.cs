using System.Collections.Immutable;
using Builder.Analysis.Values;
using Builder.Proof.Keys;
using Builder.Proof.Links;
using Builder.Proof.Statements;

namespace Builder.Proof.Rebuilding;

/// <summary>A rebuilder's statement whose signatures are valid.</summary>
/// <param name="Line">The envelope as it came.</param>
/// <param name="Build">The address of the build that was repeated.</param>
/// <param name="Links">With their bytes as they came.</param>
public sealed record ReceivedRebuild(
    VerificationKey Key,
    DsseEnvelope Envelope,
    ReadOnlyMemory<byte> Line,
    InTotoStatement Statement,
    SlsaProvenance Provenance,
    Uri Build,
    ImmutableArray<(SignedLink Link, ReadOnlyMemory<byte> Line)> Links
)
{
    /// <summary>Of the signed bytes: a statement that is signed again is the same statement.</summary>
    public Sha256Digest PayloadDigest => Sha256Digest.Of(Envelope.Payload.Span);

    /// <summary>Whether the statement is about the build with this uuid.</summary>
    public bool Repeats(string uuid) => Build.AbsolutePath.EndsWith("/build/" + uuid, StringComparison.OrdinalIgnoreCase);

    public string? Difference => Provenance.Internal.GetValueOrDefault(RebuildStatement.DifferenceName);
}
