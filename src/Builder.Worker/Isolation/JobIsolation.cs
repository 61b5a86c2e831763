namespace Builder.Worker.Isolation;

/// <summary>The chosen sandbox with the chosen limits.</summary>
internal sealed record JobIsolation(ISandbox Sandbox, ControlGroups? Groups)
{
    public static JobIsolation None { get; } = new(new NoSandbox(), null);

    /// <exception cref="IOException">It cannot be had on this machine; the message says what to do.</exception>
    public static JobIsolation From(IsolationOptions options)
    {
        ISandbox sandbox = new NoSandbox();
        if (options.Sandbox == SandboxKind.Bubblewrap)
        {
            _ = BubblewrapSandbox.FindProgram();
            sandbox = new BubblewrapSandbox(options.Network, options.Hidden);
        }
        return new JobIsolation(sandbox, options.Limits.Any ? ControlGroups.Open(options.Limits) : null);
    }
}
