using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Scheduling;

namespace Builder.Server.Builds;

/// <summary>A build in a worker's hands, in this process: its lease, its console, and how to end it from elsewhere.</summary>
internal sealed class RunningBuild : IDisposable
{
    private readonly TimeProvider clock;
    private readonly long startedAt;
    private readonly CancellationTokenSource cancelling = new();

    public RunningBuild(Lease lease, LiveConsole console, TimeProvider clock)
    {
        Lease = lease;
        Console = console;
        this.clock = clock;
        startedAt = clock.GetTimestamp();
    }

    public Lease Lease { get; }

    public LiveConsole Console { get; }

    /// <summary>What the worker varied; null as long as it does not say.</summary>
    public VariationReport? Variations { get; set; }

    /// <summary>Set when a client wants the build to end.</summary>
    public CancellationToken Cancelled => cancelling.Token;

    /// <summary>Time since the start. It goes forward even when the machine's clock is set back.</summary>
    public TimeSpan Elapsed => clock.GetElapsedTime(startedAt);

    public Timestamp Now => Lease.Started + Elapsed;

    public void Append(ByteString line) => Console.Append(new ConsoleLine(NanosecondsOf(Elapsed), line));

    public void Cancel() => cancelling.Cancel();

    public void End(string text) => Console.Complete(new ConsoleEnd(NanosecondsOf(Elapsed), ByteString.FromUtf8(text)));

    public void Dispose()
    {
        Console.Dispose();
        cancelling.Dispose();
    }

    private static long NanosecondsOf(TimeSpan span) => span.Ticks * TimeSpan.NanosecondsPerTick;
}
