using System.Collections.Immutable;
using Builder.Proof.Keys;
using Builder.Proof.Log;
using Builder.Proof.Verifying;

namespace Builder.Cli.Verify;

/// <summary>What a site said, as far as it could be believed.</summary>
/// <param name="Keys">Null where there is no list, or one that nobody trusted signed.</param>
/// <param name="Log">The key of its log; null where there is none.</param>
/// <param name="Checkpoint">What its log shows now; null where there is none, or a wrong one.</param>
/// <param name="Checks">What was wrong or worth saying.</param>
internal sealed record SiteAnswers(
    KeyList? Keys,
    NoteKey? Log,
    SignedCheckpoint? Checkpoint,
    IReadOnlyList<Evidence> Evidence,
    ImmutableArray<VerificationCheck> Checks
);
