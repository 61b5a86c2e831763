using Builder.Publishing.Files;

namespace Builder.Publishing.Signing;

/// <summary>Signs what a repository publishes. Who has a signer need not have the key.</summary>
public interface ISigner
{
    /// <exception cref="RepositoryException">It cannot sign; the message says why.</exception>
    Task<byte[]> SignAsync(SignatureKind kind, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);
}
