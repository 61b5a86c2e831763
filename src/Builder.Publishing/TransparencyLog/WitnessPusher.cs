using Builder.Proof.Log;
using Microsoft.Extensions.Logging;

namespace Builder.Publishing.TransparencyLog;

/// <summary>Has each new checkpoint signed by the configured witnesses, and keeps their signatures below it.</summary>
public sealed partial class WitnessPusher(
    LogSequencer sequencer,
    IReadOnlyList<WitnessClient> witnesses,
    TimeProvider clock,
    ILogger<WitnessPusher> log
)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(20);

    private readonly Dictionary<WitnessClient, DateTimeOffset> failed = [];
    private readonly Dictionary<WitnessClient, string> signedBy = [];

    /// <summary>Until it is cancelled. A witness that does not answer keeps nobody waiting.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await PushAsync(cancellationToken);
            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    /// <summary>Asks those who have not signed the published checkpoint yet.</summary>
    public async Task PushAsync(CancellationToken cancellationToken)
    {
        var signed = sequencer.Checkpoint;
        var asked = witnesses.Where(witness => signedBy.GetValueOrDefault(witness) != signed.Note.Text && !IsResting(witness)).ToList();
        if (signed.Size == 0 || asked.Count == 0)
            return;
        var lines = await Task.WhenAll(asked.Select(witness => AskAsync(witness, signed, cancellationToken)));
        NoteSignature[] received = [.. lines.OfType<NoteSignature>()];
        if (received.Length > 0)
            await sequencer.KeepAsync(signed, received, cancellationToken);
    }

    private bool IsResting(WitnessClient witness)
    {
        lock (failed)
            return failed.TryGetValue(witness, out var until) && clock.GetUtcNow() < until;
    }

    private async Task<NoteSignature?> AskAsync(WitnessClient witness, SignedCheckpoint signed, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(MaxWait, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            var line = await witness.CosignAsync(
                signed,
                oldSize => sequencer.ConsistencyAsync(oldSize, signed, either.Token),
                either.Token
            );
            lock (failed)
            {
                failed.Remove(witness);
                signedBy[witness] = signed.Note.Text;
            }
            return line;
        }
        catch (LogForkException exception)
        {
            Rest(witness);
            LogFork(exception.Message);
        }
        catch (Exception exception)
            when (exception is HttpRequestException or InvalidLogDataException
                || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            )
        {
            if (!IsKnownToFail(witness))
                LogSilent(witness.Name, exception.Message);
            Rest(witness);
        }
        return null;
    }

    private bool IsKnownToFail(WitnessClient witness)
    {
        lock (failed)
            return failed.ContainsKey(witness);
    }

    private void Rest(WitnessClient witness)
    {
        lock (failed)
            failed[witness] = clock.GetUtcNow() + PauseAfterFailure;
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "The witness {Witness} does not sign: {Reason}")]
    private partial void LogSilent(string witness, string reason);

    [LoggerMessage(
        EventId = 2,
        Level = LogLevel.Critical,
        Message = "{Reason}. This log was restored from an older backup, or its key is used elsewhere: stop the signer and see docs/trust.md"
    )]
    private partial void LogFork(string reason);
}
