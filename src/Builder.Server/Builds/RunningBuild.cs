using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Scheduling;

namespace Builder.Server.Builds;

/// <summary>A build in a worker's hands, in this process: its lease, its console, and how to end it from elsewhere.</summary>
internal sealed class RunningBuild : IDisposable
{
    private readonly TimeProvider clock;
    private readonly long startedAt;
    private readonly TimeSpan before;
    private readonly Lock gate = new();
    private readonly CancellationTokenSource cancelling = new();
    private CancellationTokenSource? session;
    private bool isRecording;
    private bool isGivenUp;

    /// <param name="elapsed">How long it ran before, where its worker comes back to it.</param>
    public RunningBuild(Lease lease, LiveConsole console, TimeProvider clock, TimeSpan elapsed = default)
    {
        before = elapsed;
        Lease = lease;
        Console = console;
        this.clock = clock;
        startedAt = clock.GetTimestamp();
    }

    public Lease Lease { get; set; }

    public LiveConsole Console { get; }

    /// <summary>What the worker varied; null as long as it does not say.</summary>
    public VariationReport? Variations { get; set; }

    /// <summary>Set when a client wants the build to end.</summary>
    public CancellationToken Cancelled => cancelling.Token;

    /// <summary>Time since the start. It goes forward even when the machine's clock is set back.</summary>
    public TimeSpan Elapsed => before + clock.GetElapsedTime(startedAt);

    public Timestamp Now => Lease.Started + Elapsed;

    public void Append(ByteString line) => Console.Append(new ConsoleLine(NanosecondsOf(Elapsed), line));

    /// <summary>A line that the worker printed while it had no connection.</summary>
    /// <param name="nanoseconds">Since the start, as the worker says.</param>
    public void Append(ByteString line, long nanoseconds) =>
        Console.Append(new ConsoleLine(Math.Clamp(nanoseconds, 0, NanosecondsOf(Elapsed)), line));

    /// <summary>A connection begins to follow the build.</summary>
    /// <returns>Cancelled when another connection does.</returns>
    public CancellationToken Follow()
    {
        lock (gate)
            return (session = new CancellationTokenSource()).Token;
    }

    /// <param name="follower">Null for the server itself, to which every build is.</param>
    public bool IsFollowedBy(CancellationToken? follower)
    {
        lock (gate)
            return follower is null || session?.Token == follower;
    }

    /// <summary>Ends the connection that follows the build. False where that one is writing the result, or the worker comes too late.</summary>
    public bool TryTakeOver()
    {
        lock (gate)
        {
            if (isRecording || isGivenUp)
                return false;
            _ = session?.CancelAsync();
            session = null;
            return true;
        }
    }

    /// <summary>The worker is not waited for any more.</summary>
    public void GiveUp()
    {
        lock (gate)
            isGivenUp = true;
    }

    /// <summary>False where another connection has the build or writes the result.</summary>
    /// <param name="follower">As for <see cref="IsFollowedBy"/>.</param>
    public bool TryBeginRecord(CancellationToken? follower)
    {
        lock (gate)
            return !isRecording && IsFollowedBy(follower) && (isRecording = true);
    }

    public void EndRecord()
    {
        lock (gate)
            isRecording = false;
    }

    public void Cancel() => cancelling.Cancel();

    public void End(string text) => Console.Complete(new ConsoleEnd(NanosecondsOf(Elapsed), ByteString.FromUtf8(text)));

    public void Dispose()
    {
        Console.Dispose();
        cancelling.Dispose();
    }

    private static long NanosecondsOf(TimeSpan span) => span.Ticks * TimeSpan.NanosecondsPerTick;
}
