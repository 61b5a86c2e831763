using Builder.Publishing.Options;
using Builder.Worker.Options;

namespace Builder.Cli.Up;

/// <summary>What <c>builder up</c> was asked for.</summary>
/// <param name="Port">Of the site; null for 3000 or the next free one, 0 for any.</param>
/// <param name="ServerPort">On loopback, for programs of the original; null for none, 0 for any.</param>
internal sealed record UpOptions(string Directory, string Host, int? Port, int? ServerPort, int Workers, bool WithSamples)
{
    /// <summary>When packages go out; null where nothing is to be published but by repositories that are set up already.</summary>
    public PublishGate? Publish { get; init; }

    /// <summary>Null for the best that this machine can have.</summary>
    public SandboxKind? Sandbox { get; init; }

    /// <summary>Where the option says that traces go; null for what the environment says.</summary>
    public Uri? Collector { get; init; }

    /// <summary>Of jobs in a sandbox.</summary>
    public SandboxNetwork Network { get; init; }
}
