using Builder.Analysis.Values;
using Builder.Proof.Keys;
using Builder.Proof.Log;
using Builder.Publishing.TransparencyLog;
using Builder.Storage.Statements;
using Microsoft.Extensions.Logging;

namespace Builder.Publishing.Attestation;

/// <summary>Puts statements into the site's transparency log. The signer is the log's only writer.</summary>
public sealed class StatementLog : IStatementLog, IAsyncDisposable
{
    private readonly LogSequencer sequencer;
    private readonly Ed25519SigningKey key;

    private StatementLog(LogSequencer sequencer, Ed25519SigningKey key)
    {
        this.sequencer = sequencer;
        this.key = key;
    }

    /// <param name="keys">Holds the log's key.</param>
    /// <param name="directory">Of the public files.</param>
    /// <exception cref="SignerException">The key is missing, another process has the log, or its files must not be continued.</exception>
    public static async Task<StatementLog> OpenAsync(
        SignerSettings settings,
        KeyDirectory keys,
        string directory,
        CancellationToken cancellationToken
    )
    {
        var key =
            keys.LoadCurrent(keys.Read(), KeyUse.Log) as Ed25519SigningKey
            ?? throw new SignerException($"the key of the log in {keys.Location} is no Ed25519 key");
        try
        {
            var log = new LogSettings(Path.GetFullPath(directory), Path.Combine(settings.StateDirectory, "log"), settings.PublicUrl.Host);
            return new StatementLog(await LogSequencer.OpenAsync(log, key, cancellationToken), key);
        }
        catch (LogException exception)
        {
            key.Dispose();
            throw new SignerException(exception.Message, exception);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    public async Task<IReadOnlyList<long>> AppendAsync(IReadOnlyList<LoggedStatement> statements, CancellationToken cancellationToken)
    {
        try
        {
            return await sequencer.AppendAsync([.. statements.Select(LeafOf)], cancellationToken);
        }
        catch (LogException exception)
        {
            throw new SignerException(exception.Message, exception);
        }
    }

    /// <summary>Has checkpoints signed by witnesses, until it is cancelled.</summary>
    public Task AskWitnessesAsync(
        IReadOnlyList<WitnessAddress> witnesses,
        HttpClient http,
        TimeProvider clock,
        ILogger<WitnessPusher> logger,
        CancellationToken cancellationToken
    ) =>
        new WitnessPusher(sequencer, [.. witnesses.Select(witness => new WitnessClient(http, witness))], clock, logger).RunAsync(
            cancellationToken
        );

    public async ValueTask DisposeAsync()
    {
        await sequencer.DisposeAsync();
        key.Dispose();
    }

    private static ReadOnlyMemory<byte> LeafOf(LoggedStatement statement)
    {
        var kind = statement.Kind switch
        {
            StatementKind.Retraction => LogLeaf.Retraction,
            StatementKind.Keys => LogLeaf.Keys,
            _ => LogLeaf.HashedRekord,
        };
        return new LogLeaf(
            kind,
            Sha256Digest.Of(statement.Envelope.SignedBytes),
            statement.Envelope.Signatures[0].Signature,
            statement.Key.SubjectPublicKeyInfo,
            kind == LogLeaf.HashedRekord ? null : statement.About
        ).ToJson();
    }
}
