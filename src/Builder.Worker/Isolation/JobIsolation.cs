using Builder.Protocol;

namespace Builder.Worker.Isolation;

/// <summary>The chosen sandbox with the chosen limits.</summary>
internal sealed record JobIsolation(ISandbox Sandbox, ControlGroups? Groups)
{
    public static JobIsolation None { get; } = new(new NoSandbox(), null);

    /// <summary>What jobs get; sent to a server of ours and shown to people.</summary>
    public IsolationTier Tier => Sandbox is NoSandbox
        ? new IsolationTier(IsolationKind.None, "jobs run as the worker's user; start the worker with --sandbox bubblewrap to separate them")
        : new IsolationTier(IsolationKind.Sandbox, "each job has namespaces and a /proc of its own");

    /// <exception cref="IOException">It cannot be had on this machine; the message says what to do.</exception>
    public static JobIsolation From(IsolationOptions options)
    {
        ISandbox sandbox = options.Sandbox == SandboxKind.Bubblewrap
            ? new BubblewrapSandbox(BubblewrapSandbox.FindProgram(), options.Network, options.Hidden)
            : new NoSandbox();
        return new JobIsolation(sandbox, options.Limits.Any ? ControlGroups.Open(options.Limits) : null);
    }
}
