using Builder.Protocol.Values;

namespace Builder.Worker.Isolation;

/// <summary>The chosen sandbox with the chosen limits.</summary>
internal sealed record JobIsolation(ISandbox Sandbox, ControlGroups? Groups)
{
    public static JobIsolation None { get; } = new(new NoSandbox(), null);

    /// <summary>What jobs get; sent to a server of ours and shown to people.</summary>
    public IsolationTier Tier => Sandbox.Tier;
}
