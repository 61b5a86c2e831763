using System.Security.Cryptography.X509Certificates;
using Builder.Protocol.Values;

namespace Builder.Worker.Options;

/// <summary>How a worker talks to its server. Without any of these it speaks as a worker of the original does.</summary>
public sealed record LinkOptions
{
    /// <summary>Heartbeats, cancel and metering; the server must be ours. A key or TLS brings it along.</summary>
    public bool Extended { get; init; }

    /// <summary>What the server calls this worker. The host's name.</summary>
    public string Name { get; init; } = Environment.MachineName;

    /// <summary>The secret that the server knows this worker by; empty for none.</summary>
    public ByteString Key { get; init; }

    public bool UseTls { get; init; }

    /// <summary>The only authority whose word counts for the server's certificate; the system's where this is null.</summary>
    public X509Certificate2? Authority { get; init; }

    /// <summary>This worker's own certificate with its private key.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Allows to send the key to another machine without TLS.</summary>
    public bool Insecure { get; init; }

    /// <summary>From the end of a result to the server's word that it has it. 5 minutes.</summary>
    public TimeSpan AcknowledgementDeadline { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>After so long without a sign of life, of a server that gives such signs, the connection is lost. 20 seconds.</summary>
    public TimeSpan MaxServerSilence { get; init; } = TimeSpan.FromSeconds(20);

    public bool IsExtended => Extended || UseTls || !Key.IsEmpty;
}
