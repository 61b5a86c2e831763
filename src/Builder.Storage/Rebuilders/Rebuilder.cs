namespace Builder.Storage.Rebuilders;

/// <summary>A key of somebody who builds again what this site shows.</summary>
/// <param name="Name">Of the operator. Several keys of one name count once.</param>
/// <param name="KeyId">The key's OpenSSH fingerprint.</param>
/// <param name="PublicKey">SubjectPublicKeyInfo in DER.</param>
/// <param name="Retired">From then on no statement is taken; earlier ones count.</param>
/// <param name="VoidFrom">Statements that were received from then on do not count.</param>
public sealed record Rebuilder(
    string Name,
    string KeyId,
    ReadOnlyMemory<byte> PublicKey,
    DateTimeOffset Added,
    DateTimeOffset? Retired,
    DateTimeOffset? VoidFrom
)
{
    public const int MaxNameLength = 64;

    public bool IsInUse => Retired is null && VoidFrom is null;
}
