using Builder.Server.Scheduling;

namespace Builder.Server.State;

/// <summary>
/// The scheduler's events in order, written in groups: whoever awaits <see cref="Durable"/> knows that all that was appended before lasts.
/// </summary>
internal interface IJournal : IAsyncDisposable
{
    /// <summary>True where nothing was ever written to it.</summary>
    bool IsNew { get; }

    /// <summary>Why nothing can be written at present, or null.</summary>
    string? Trouble { get; }

    /// <summary>Done when something could not be written, until it can again.</summary>
    Task Troubled { get; }

    /// <summary>Called when the trouble is over.</summary>
    Action? WritesAgain { get; set; }

    /// <summary>True when events have grown well past what a snapshot would take.</summary>
    bool WantsSnapshot { get; }

    /// <summary>True where another server may have taken over since: nothing counts, and no peer is told, before it is durable.</summary>
    bool IsShared { get; }

    /// <summary>False once another server may have taken over.</summary>
    bool IsHeld { get; }

    void Append(SchedulerEvent change);

    /// <summary>Done when all that was appended so far lasts.</summary>
    /// <returns>Fails with <see cref="LeaseLostException"/> where another server has taken over.</returns>
    Task Durable();

    /// <summary>
    /// Writes a snapshot in the background. Nothing may be appended between the making of <paramref name="state"/> and this call.
    /// </summary>
    void BeginSnapshot(IReadOnlyList<SchedulerEvent> state);
}
