using System.Globalization;
using Builder.Proof.Log;

namespace Builder.Proof.Verifying;

/// <summary>Whether a log only grew between two of its checkpoints: a site that tells you something else than everybody else must fork its log.</summary>
public static class LogHistory
{
    /// <param name="seen">The checkpoint that is known already.</param>
    /// <param name="now">The one that the log shows now, of the same log.</param>
    /// <param name="where">Where the known one is from, for the sentence: "of your last visit".</param>
    /// <param name="tiles">Of the log as it is now.</param>
    public static async Task<VerificationCheck> CheckAsync(
        SignedCheckpoint seen,
        SignedCheckpoint now,
        string where,
        ITileSource tiles,
        CancellationToken cancellationToken
    )
    {
        if (now.Size < seen.Size)
            return Fail(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the log shows a stale checkpoint: {now.Size} entries, but the checkpoint {where} had {seen.Size}"
                )
            );
        try
        {
            var proof =
                now.Size == seen.Size ? [] : await new TileTree(tiles, now.Size).ProveConsistencyAsync(seen.Size, cancellationToken);
            return ConsistencyProof.Verify(seen.Size, seen.Checkpoint.Root, now.Size, now.Checkpoint.Root, proof)
                ? new VerificationCheck(
                    "history",
                    CheckOutcome.Passed,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"the log has {now.Size} entries now and still holds all {seen.Size} of the checkpoint {where}"
                    )
                )
                : Fail($"the log is forked: it does not hold what the checkpoint {where} had");
        }
        catch (InvalidLogDataException exception)
        {
            return Fail($"the log does not prove that it only grew: {exception.Message}");
        }
    }

    private static VerificationCheck Fail(string text) => new("history", CheckOutcome.Failed, text);
}
