using Builder.Protocol.Values;

namespace Builder.Web.Live;

/// <summary>A worker that was connected to the build server and is not any more.</summary>
/// <param name="Name">Without the address, as it is drained by.</param>
/// <param name="Version">Null where it did not tell.</param>
public sealed record GoneWorker(string Name, string Platform, string? Version, Timestamp LastSeen);
