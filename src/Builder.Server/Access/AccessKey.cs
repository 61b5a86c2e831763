using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Server.Access;

/// <summary>What the holder of a key may do. The key itself is kept nowhere, only its SHA-256: it has 256 random bits.</summary>
/// <param name="Platforms">The only ones that this worker may ask jobs for; empty for all.</param>
public sealed record AccessKey(string Name, PeerKind Kind, string Sha256, IReadOnlyList<string> Platforms, Timestamp Created)
{
    /// <summary>What an administrator's key is for; empty for everything.</summary>
    public IReadOnlyList<ClientPermission> Permissions { get; init; } = [];

    public bool Allows(ClientPermission permission) =>
        permission == ClientPermission.Read || Permissions.Count == 0 || Permissions.Contains(permission);

    public bool Allows(Platform platform) => Platforms.Count == 0 || Platforms.Contains(platform.Value);
}
