namespace Builder.Cli.Up;

/// <summary>What <c>builder up</c> was asked for.</summary>
internal sealed record UpOptions(string Directory, string Host, int Port, int ServerPort, int Workers, bool WithSamples);
