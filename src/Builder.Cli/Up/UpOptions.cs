using Builder.Publishing;

namespace Builder.Cli.Up;

/// <summary>What <c>builder up</c> was asked for.</summary>
internal sealed record UpOptions(string Directory, string Host, int Port, int ServerPort, int Workers, bool WithSamples)
{
    /// <summary>When packages go out; null where nothing is to be published but by repositories that are set up already.</summary>
    public PublishGate? Publish { get; init; }
}
