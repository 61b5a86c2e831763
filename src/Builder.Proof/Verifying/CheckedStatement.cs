using Builder.Proof.Keys;
using Builder.Proof.Log;
using Builder.Proof.Statements;

namespace Builder.Proof.Verifying;

/// <summary>A statement, who signed it and where the log has it.</summary>
/// <param name="Key">The key that signed it, of those that may; null where none did.</param>
/// <param name="Standing">What its signature is worth.</param>
/// <param name="Problem">Why it proves nothing; null where it does.</param>
/// <param name="Place">Where it is in the log; null where that was not shown.</param>
/// <param name="LogProblem">Why its place in the log was not shown; null where it was, or where nobody asked.</param>
internal sealed record CheckedStatement(
    InTotoStatement Statement,
    VerificationKey? Key,
    KeyStanding Standing,
    string? Problem,
    LogPlace? Place,
    string? LogProblem
);

/// <param name="Checkpoint">Signed by the log; the proof leads to its root.</param>
internal sealed record LogPlace(NoteKey Log, long Index, SignedCheckpoint Checkpoint);
