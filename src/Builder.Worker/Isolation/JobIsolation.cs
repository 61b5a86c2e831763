using Builder.Protocol.Values;
using Builder.Worker.Roots;

namespace Builder.Worker.Isolation;

/// <summary>The chosen sandbox with the chosen limits.</summary>
internal sealed record JobIsolation(ISandbox Sandbox, ControlGroups? Groups)
{
    public static JobIsolation None { get; } = new(new NoSandbox(), null);

    /// <summary>What jobs see as their root directory; null for the machine's.</summary>
    public RootTree? Root { get; init; }

    /// <summary>What jobs get; sent to a server of ours and shown to people.</summary>
    public IsolationTier Tier => Root is null ? Sandbox.Tier : Sandbox.Tier with { Root = Root.Identity };
}
