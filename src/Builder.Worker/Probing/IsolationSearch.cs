using Builder.Worker.Execution;
using Builder.Worker.Isolation;
using Builder.Worker.Options;
using Builder.Worker.Roots;

namespace Builder.Worker.Probing;

/// <summary>The best isolation that this machine can give under some options.</summary>
internal static class IsolationSearch
{
    /// <summary>Tries what the options ask for, the best way first.</summary>
    /// <param name="runner">Makes a runner of jobs with an isolation that is to be tried.</param>
    /// <param name="outbound">The network for <see cref="SandboxNetwork.Outbound"/>.</param>
    /// <exception cref="IOException">It cannot be had on this machine; the message says what to do.</exception>
    public static async Task<JobIsolation> FindAsync(
        IsolationOptions options,
        Func<JobIsolation, JobRunner> runner,
        OutboundNetwork? outbound,
        CancellationToken cancellationToken
    )
    {
        if (options.Sandbox == SandboxKind.None)
            return new JobIsolation(new NoSandbox(), options.Limits.Any ? ControlGroups.Open(options.Limits) : null);
        var program =
            BubblewrapSandbox.FindProgram("bwrap")
            ?? throw new IOException("--sandbox bubblewrap: there is no bwrap in PATH; install bubblewrap, or choose --sandbox none");
        foreach (var path in options.Shown.Where(path => !Path.Exists(path)))
            throw new IOException($"--show {path}: there is no such file or directory");
        var root = options.Root is { } tree ? RootTree.Open(tree, cancellationToken) : null;
        // Without a limit that must hold, what can be had of control groups serves the limits that every job has.
        var groups = options.Limits.Any ? ControlGroups.Open(options.Limits) : ControlGroups.TryOpen();
        var sandboxOptions = new SandboxOptions(options.Network, options.Shown, options.Hidden, outbound, root);
        string? reason = null;
        foreach (var mode in SandboxMode.Candidates())
        {
            if (outbound is not null && !mode.HasUserNamespace)
                continue;
            var isolation = new JobIsolation(new BubblewrapSandbox(program, mode, sandboxOptions), groups) { Root = root };
            if (await SandboxTrial.FailureAsync(runner(isolation), cancellationToken) is not { } failure)
                return isolation;
            reason ??= failure;
        }
        if (root is not null)
            throw new IOException(
                $"--root {root.Path}: {reason}; the tree needs /bin/sh and what that needs, and the kernel overlays "
                    + "(of a user namespace, Linux 5.11, where the worker is not root)"
            );
        throw new IOException($"--sandbox bubblewrap: {reason}; fix that (it needs user namespaces, or root), or choose --sandbox none");
    }
}
