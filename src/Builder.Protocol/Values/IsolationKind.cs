namespace Builder.Protocol.Values;

/// <summary>The tiers of isolation, the weakest first.</summary>
public enum IsolationKind
{
    /// <summary>Jobs run as the worker's own user and reach whatever that user reaches.</summary>
    None,

    /// <summary>
    /// Namespaces of its own for each job, but the /proc of the container around it, because a container that covers parts of
    /// /proc forbids another: jobs see that other processes exist and their command lines.
    /// </summary>
    SandboxSharedProc,

    /// <summary>Namespaces of its own and a private /proc for each job.</summary>
    Sandbox,
}
