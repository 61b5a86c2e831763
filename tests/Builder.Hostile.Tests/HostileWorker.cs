using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Testing;
using Builder.Worker.Options;
using Builder.Worker.Probing;
using Builder.Worker.Tests.Conversation;
using Microsoft.Extensions.Logging.Abstractions;

namespace Builder.Hostile.Tests;

/// <summary>A worker with the sandbox that it would have on this machine, and a server that hands it hostile jobs.</summary>
internal sealed class HostileWorker : IAsyncDisposable
{
    public static JobLimits Limits { get; } =
        new()
        {
            MaxProcesses = 200,
            MaxMemoryBytes = 256 << 20,
            MaxDiskBytes = 64 << 20,
            MaxConsoleBytes = 1 << 20,
            MaxArtifacts = 1000,
            MaxArtifactBytes = 32 << 20,
        };

    private readonly TemporaryDirectory directory;
    private readonly bool ownsDirectory;
    private readonly FakeServer server = new();
    private readonly CancellationTokenSource stop = new();
    private readonly Task running;

    private HostileWorker(TemporaryDirectory directory, bool ownsDirectory, SandboxNetwork network, IReadOnlyList<string> allowed)
    {
        this.directory = directory;
        this.ownsDirectory = ownsDirectory;
        var options = new Worker.Options.WorkerOptions
        {
            Platform = Platform.Parse("hostile"),
            Remote = server.Address,
            Loop = true,
            WorkDirectory = directory["work"],
            Limits = Limits,
            Isolation = new IsolationOptions
            {
                Sandbox = SandboxKind.Bubblewrap,
                Network = network,
                AllowedHosts = allowed,
            },
        };
        running = new Worker.BuilderWorker(options, TimeProvider.System, NullLogger.Instance).RunAsync(stop.Token);
    }

    public string WorkDirectory => directory["work"];

    public RemoteAddress ServerAddress => server.Address;

    /// <param name="beside">A worker to share the directory with, as the workers of one machine do.</param>
    /// <param name="allowed">Hosts that are open to jobs although their addresses are not public.</param>
    public static async Task<HostileWorker> StartAsync(
        HostileWorker? beside = null,
        SandboxNetwork network = SandboxNetwork.None,
        params IReadOnlyList<string> allowed
    )
    {
        var isolation = new IsolationOptions { Sandbox = SandboxKind.Bubblewrap };
        var tier = await IsolationProbe.RunAsync(
            isolation,
            new Worker.Options.WorkerOptions { Platform = Platform.Parse("x") }.SupervisorCommand,
            Path.GetTempPath(),
            TestContext.Current.CancellationToken
        );
        Requirement.Met(tier.IsSandboxed, tier.Reason);
        var directory = beside?.directory ?? new TemporaryDirectory();
        File.SetUnixFileMode(directory.Path, (UnixFileMode)0b111_001_001);
        return new HostileWorker(directory, beside is null, network, allowed);
    }

    public Task<(List<string> Console, Command.JobFinished Finished)> RunAsync(string script) => RunAsync(script, () => { });

    /// <param name="started">Called when the worker has the job.</param>
    public async Task<(List<string> Console, Command.JobFinished Finished)> RunAsync(string script, Action started)
    {
        using var peer = await AcceptAsync();
        await peer.GiveAsync(script);
        started();
        return await peer.TakeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        server.Dispose();
        stop.Dispose();
        if (ownsDirectory)
            directory.Dispose();
    }

    /// <summary>A worker that ends in place of asking is an error of its own, not one that waits for ever.</summary>
    private async Task<FakeServer.Peer> AcceptAsync()
    {
        var accepting = server.AcceptAsync();
        if (await Task.WhenAny(accepting, running) == running)
            await running;
        return await accepting;
    }
}
