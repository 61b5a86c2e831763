namespace Builder.Cli.Client;

/// <summary>A worker that was connected and is not any more.</summary>
/// <param name="Version">Null where it did not tell.</param>
internal sealed record GoneWorker(string Name, string Platform, string? Version, DateTimeOffset LastSeen);
