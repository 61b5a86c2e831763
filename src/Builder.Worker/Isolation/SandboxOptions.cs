using Builder.Worker.Options;
using Builder.Worker.Roots;

namespace Builder.Worker.Isolation;

/// <summary>What of the machine a sandbox has.</summary>
/// <param name="Shown">Read-only paths beyond the usual.</param>
/// <param name="Hidden">Paths that are covered where they would be seen.</param>
/// <param name="Outbound">For <see cref="SandboxNetwork.Outbound"/>.</param>
/// <param name="Root">What jobs see in place of the machine's programs, libraries and settings; null for those.</param>
internal sealed record SandboxOptions(
    SandboxNetwork Network,
    IReadOnlyList<string> Shown,
    IReadOnlyList<string> Hidden,
    OutboundNetwork? Outbound = null,
    RootTree? Root = null
);
