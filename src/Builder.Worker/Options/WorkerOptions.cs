using Builder.Protocol.Values;
using Builder.Worker.Processes;

namespace Builder.Worker.Options;

/// <summary>What a worker does, for whom and how.</summary>
public sealed record WorkerOptions
{
    public required Platform Platform { get; init; }

    /// <summary>The server, or several of which one serves.</summary>
    public RemoteAddresses Remote { get; init; } = RemoteAddress.Default;

    public LinkOptions Link { get; init; } = new();

    /// <summary>Goes on with the next job when one is done, and waits for a server that is away. Otherwise one job is all.</summary>
    public bool Loop { get; init; }

    /// <summary>Ends when no job came for so long, with a server or without; null for never.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>For one job, whatever the server says; null for the server's word where it gives one, else an hour.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>From asking a job to end until it is killed. 5 seconds.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Where jobs get their directories.</summary>
    public string WorkDirectory { get; init; } = Path.GetTempPath();

    /// <summary>Variables for jobs beyond the usual few: <c>NAME=VALUE</c>, or <c>NAME</c> for the worker's own value.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    public IsolationOptions Isolation { get; init; } = new();

    /// <summary>Of every job; a job may have smaller ones of its own (<see cref="JobLimits.Tightest"/>).</summary>
    public JobLimits Limits { get; init; } = DefaultLimits.OfThisMachine();

    /// <summary>What starts the supervisor of jobs.</summary>
    public IReadOnlyList<string> SupervisorCommand { get; init; } = SelfExecution.Command(SelfExecution.SupervisorVerb);

    /// <summary>
    /// This process starts nothing but the supervisor, so what loses its parent is the worker's to end, should even the
    /// supervisor be killed.
    /// </summary>
    public bool OwnsProcess { get; init; }

    /// <summary>
    /// A script that a signal ended is reported with exit status 128 and the signal's number: the original worker has a shell between itself and
    /// the script, which says so wherever it does not replace itself by the script.
    /// </summary>
    public bool ReportsSignalsAsShells { get; init; }
}
