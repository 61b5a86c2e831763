using Builder.Worker.Processes;
using Microsoft.Win32.SafeHandles;

namespace Builder.Worker.Isolation;

/// <summary>What to start for a script.</summary>
/// <param name="Environment"><c>NAME=VALUE</c> each.</param>
/// <param name="Directory">Where to start it.</param>
internal sealed record Launch(IReadOnlyList<string> Command, IReadOnlyList<string> Environment, string Directory) : IDisposable
{
    /// <summary>On which a sandbox says what became of it, where <see cref="ReportsStatus"/>.</summary>
    public const int StatusDescriptor = 3;

    /// <summary>It says on <see cref="StatusDescriptor"/> what became of it.</summary>
    public bool ReportsStatus { get; init; }

    /// <summary>Null where it reads nothing.</summary>
    public SandboxInputs? Inputs { get; init; }

    /// <summary>It runs in a process id namespace that ends with it, and all its processes with that.</summary>
    public bool HasOwnProcessIds { get; init; }

    /// <summary>The job does not begin before this is closed; null where it begins at once.</summary>
    public SafeFileHandle? Release { get; init; }

    /// <summary>For a job that waits for <see cref="Release"/>; any other's command sets them.</summary>
    public ProcessLimits ProcessLimits { get; init; } = ProcessLimits.None;

    /// <summary>The user, and the group of the same number, whose process it is, without any capability; null for the worker's own.</summary>
    public uint? User { get; init; }

    public void Dispose()
    {
        Inputs?.Dispose();
        Release?.Dispose();
    }
}
