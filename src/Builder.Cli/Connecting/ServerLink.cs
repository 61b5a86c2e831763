using System.Security.Cryptography.X509Certificates;
using Builder.Protocol.Values;

namespace Builder.Cli.Connecting;

/// <summary>How a client reaches its server, or the one of several that serves.</summary>
/// <param name="Key">The administrator's key; empty for none. With one the server must be ours.</param>
/// <param name="Authority">The only authority whose certificates are taken; null for the system's.</param>
internal sealed record ServerLink(RemoteAddresses Remote, ByteString Key, bool UsesTls, X509Certificate2Collection? Authority);
