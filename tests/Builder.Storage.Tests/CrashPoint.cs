using Builder.Storage.Files;

namespace Builder.Storage.Tests;

/// <summary>
/// Ends the work before its n-th change, and lets nothing that would tidy up afterwards happen either: what is on disk then is
/// what kill -9 leaves.
/// </summary>
internal sealed class CrashPoint
{
    private int remaining;

    public CrashPoint(int steps)
    {
        remaining = steps;
        Files = new DurableFiles(Before);
    }

    /// <param name="at">The first change of this name.</param>
    public CrashPoint(string at) =>
        Files = new DurableFiles(step =>
        {
            if (step == at || Step is not null)
            {
                Step ??= step;
                throw new SimulatedCrashException(Step);
            }
        });

    public DurableFiles Files { get; }

    /// <summary>What was about to be done.</summary>
    public string? Step { get; private set; }

    private void Before(string step)
    {
        if (Interlocked.Decrement(ref remaining) >= 0)
            return;
        Step ??= step;
        throw new SimulatedCrashException(Step);
    }
}
