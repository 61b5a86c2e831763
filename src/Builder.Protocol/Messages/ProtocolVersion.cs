namespace Builder.Protocol.Messages;

/// <summary>Versions in the hello; a peer with another one is refused.</summary>
public static class ProtocolVersion
{
    public const long Client = 13;

    public const long Worker = 5;

    /// <summary>Said only by a worker that was told that its server is one of ours; see docs/protocol.md.</summary>
    public const long ExtendedWorker = 1006;

    /// <summary>Of our workers before they told their isolation; a server still lets them in.</summary>
    public const long ExtendedWorkerWithoutFacts = 1005;

    /// <summary>Said only by a client that was told that its server is one of ours; see docs/protocol.md.</summary>
    public const long ExtendedClient = 1013;

    /// <summary>Said only by such a client that exports a trace: it may send the request <c>trace</c> before its command.</summary>
    public const long ExtendedClientWithTrace = 1014;
}
