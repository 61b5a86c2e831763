using System.Net;
using System.Security.Cryptography;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Access;
using Builder.Server.Options;

namespace Builder.Server.Connections;

/// <summary>Who is let in: everybody on loopback unless keys are required there, elsewhere only who has a key.</summary>
internal sealed class Admission(ServerOptions options, AccessKeys keys)
{
    public bool RequiresKeys { get; } =
        options.RequiresKeys || (options.Port is not null && !IPAddress.IsLoopback(options.Address) && !options.IsInsecure);

    /// <summary>The reason why the server must not listen, or null.</summary>
    public string? RefuseToListen()
    {
        if (
            options.Port is null
            || IPAddress.IsLoopback(options.Address)
            || options.IsInsecure
            || options.Tls?.ClientAuthority is not null
            || keys.List().Count > 0
        )
            return null;
        return $"listening on {options.Address} would let anybody in: add keys (builder worker-key add, builder admin-key add), "
            + "or say --insecure where the network keeps strangers out";
    }

    /// <summary>The reason why an original peer, which has no key, is not let in; or null.</summary>
    public string? RefuseWithoutKey(Peer peer, PeerKind kind) =>
        WantsSecret(peer, kind) ? "this socket is for workers that have the key of this start"
        : !RequiresKeys || peer.IsLocal || (kind == PeerKind.Worker && peer.IsCertified) ? null
        : "this server wants a key";

    /// <summary>The reason why a peer with this identity is not let in; or null. Its name and its platforms are kept with it.</summary>
    public string? Refuse(Peer peer, PeerKind kind, ByteString name, ByteString secret)
    {
        if (WantsSecret(peer, kind) && CryptographicOperations.FixedTimeEquals(secret.Span, options.WorkerSecret.Span))
        {
            peer.Name = Short(name);
            return null;
        }
        if (secret.IsEmpty)
        {
            if (!name.IsEmpty)
                peer.Name = $"{Short(name)} ({peer.Address})";
            return RefuseWithoutKey(peer, kind);
        }
        if (keys.Find(kind, secret) is not { } key)
            return "the key is not known here, or was revoked";
        peer.Key = key;
        peer.Name = $"{key.Name} ({peer.Address})";
        return null;
    }

    /// <summary>The reason why the worker gets no job for this platform; or null. A key revoked meanwhile is noticed here.</summary>
    public string? Refuse(Peer peer, Platform platform)
    {
        if (peer.Key is not { } key)
            return null;
        if (!keys.List().Any(known => known.Kind == key.Kind && known.Sha256 == key.Sha256))
            return "the key was revoked";
        return key.Allows(platform) ? null : $"this key is not for platform {platform}";
    }

    private bool WantsSecret(Peer peer, PeerKind kind) => peer.IsLocal && kind == PeerKind.Worker && !options.WorkerSecret.IsEmpty;

    private static string Short(ByteString name)
    {
        var text = name.ToString();
        return text.Length > 64 ? text[..64] : text;
    }
}
