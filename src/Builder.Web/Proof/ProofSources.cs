using Builder.Proof.Keys;
using Builder.Proof.Log;
using Builder.Proof.Statements;
using Builder.Storage.Database;
using Builder.Storage.Statements;
using Builder.Web.TransparencyLog;

namespace Builder.Web.Proof;

/// <summary>Statements of builds together with what shows that they are in the log.</summary>
internal sealed class ProofSources(SiteLog log)
{
    public NoteKey? LogKey => log.Key();

    /// <summary>The site's keys; null where it has no signer, or its list cannot be read.</summary>
    public static async Task<KeyList?> KeysAsync(DatabaseSession session, CancellationToken stop)
    {
        if (await StatementRows.LatestAsync(session, null, StatementKind.Keys, stop) is not { } stored)
            return null;
        try
        {
            return KeyList.Parse(DsseEnvelope.Parse(stored.Envelope).Payload);
        }
        catch (Exception exception) when (exception is InvalidEnvelopeException or InvalidKeyException)
        {
            return null;
        }
    }

    /// <summary>The statement with the proof for what the log shows now; null where it is not in the log yet, or there is none.</summary>
    public async Task<SigstoreBundle?> BundleAsync(StoredStatement statement, KeyList keys, CancellationToken stop)
    {
        if (
            statement.LogIndex is not { } index
            || log.Checkpoint() is not { } checkpoint
            || log.Key() is not { } key
            || index >= checkpoint.Size
            || !KeyId.TryParse(statement.KeyId, out var id)
            || keys.Find(id)?.Key is not { } signer
        )
            return null;
        try
        {
            var proof = await log.Published.ProveAsync(index, checkpoint, stop);
            return SigstoreBundle.Create(
                DsseEnvelope.Parse(statement.Envelope),
                signer,
                key,
                log.Published.Entry(index, checkpoint.Size),
                proof
            );
        }
        catch (Exception exception) when (exception is InvalidLogDataException or InvalidEnvelopeException)
        {
            // The page of the log says what is wrong with it.
            return null;
        }
    }
}
