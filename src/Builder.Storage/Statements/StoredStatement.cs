using Builder.Analysis.Values;
using Builder.Protocol.Values;

namespace Builder.Storage.Statements;

/// <summary>A signed statement as it is kept and served.</summary>
/// <param name="Build">Null for a statement about the site.</param>
/// <param name="Kind">One of <see cref="StatementKind"/>.</param>
/// <param name="Envelope">The bytes that are served: DSSE in JSON.</param>
/// <param name="LogIndex">In the transparency log; null where it is in none.</param>
public sealed record StoredStatement(
    BuildUuid? Build,
    string Kind,
    ReadOnlyMemory<byte> Envelope,
    string KeyId,
    long? LogIndex,
    DateTimeOffset Created
)
{
    public Sha256Digest Digest => Sha256Digest.Of(Envelope.Span);
}
