namespace Builder.Publishing.Attestation;

/// <summary>The transparency log, as the signer sees it.</summary>
public interface IStatementLog
{
    /// <summary>Adds statements, or finds them where they are in the log already: doing it again after a crash is safe.</summary>
    /// <returns>Where they stand, in their order.</returns>
    /// <exception cref="SignerException">The log cannot be written at present.</exception>
    Task<IReadOnlyList<long>> AppendAsync(IReadOnlyList<LoggedStatement> statements, CancellationToken cancellationToken);
}
