using Builder.Cli.Errors;
using Builder.Protocol.Values;
using Builder.Server.Options;
using Builder.Worker.Options;
using Builder.Worker.Probing;

namespace Builder.Cli.Up;

/// <summary>How the jobs of <c>builder up</c> are kept apart from it, and which of them run at all.</summary>
/// <param name="Hold">Keeps all but the sample jobs queued where no sandbox can be had and nobody has said to do without; null otherwise.</param>
internal sealed record UpProtection(IsolationTier Tier, SandboxNetwork Network, JobHold? Hold)
{
    /// <summary>Tries the sandbox, unless told to do without.</summary>
    /// <exception cref="CommandException">A sandbox is asked for by name and cannot be had.</exception>
    public static async Task<UpProtection> FindAsync(UpOptions options, string dataDirectory, CancellationToken cancellationToken)
    {
        if (options.Sandbox == SandboxKind.None)
            return new UpProtection(new IsolationTier(IsolationKind.None, "--sandbox none"), options.Network, Hold: null);
        var isolation = new IsolationOptions
        {
            Sandbox = SandboxKind.Bubblewrap,
            Network = options.Network,
            Hidden = [dataDirectory],
        };
        var worker = new WorkerOptions { Platform = LocalPlatform.Detect() };
        var tier = await IsolationProbe.RunAsync(isolation, worker.SupervisorCommand, worker.WorkDirectory, cancellationToken);
        if (tier.IsSandboxed)
            return new UpProtection(tier, options.Network, Hold: null);
        if (options.Sandbox is not null)
            throw new CommandException(tier.Reason);
        var reason =
            $"This machine cannot have a sandbox ({tier.Reason}), so only the bundled sample jobs run. \"builder up --sandbox none\" runs all jobs; "
            + $"they can then do everything that {Environment.UserName} can, such as read this installation's keys and passwords and change its builds";
        return new UpProtection(tier, options.Network, new JobHold(reason, SampleJob.ScriptDigests()));
    }

    /// <summary>Options for <c>builder worker</c>.</summary>
    public IEnumerable<string> WorkerArguments(string dataDirectory) =>
        Tier.IsSandboxed ? ["--sandbox", "bubblewrap", "--network", Name(Network), "--hide", dataDirectory] : ["--sandbox", "none"];

    /// <summary>For the terminal, in plain words.</summary>
    public string Summary =>
        Tier.Kind switch
        {
            IsolationKind.None when Hold is not null => "NONE, so only the sample jobs run; see the warning",
            IsolationKind.None => $"NONE: jobs can do everything that {Environment.UserName} can",
            IsolationKind.SandboxSharedProc => $"sandbox: jobs see no files of yours, but the names of other processes; {NetworkSummary}",
            _ => $"sandbox: jobs see no files, processes or other jobs of this machine; {NetworkSummary}",
        };

    private string NetworkSummary =>
        Network == SandboxNetwork.None ? "no network (--network outbound gives them public addresses)" : $"network {Name(Network)}";

    private static string Name<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
