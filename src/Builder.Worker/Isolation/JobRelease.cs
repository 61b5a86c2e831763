using System.Globalization;
using System.Text.RegularExpressions;
using Builder.Worker.Processes;
using Microsoft.Win32.SafeHandles;

namespace Builder.Worker.Isolation;

/// <summary>
/// Puts a job into its control group and under its limits while its sandbox is being set up, and lets it run only then. The kernel waits
/// about ten milliseconds before it moves a process; the mounts of the sandbox take as long.
/// </summary>
internal sealed partial class JobRelease
{
    private readonly JobControlGroup? group;
    private readonly ProcessLimits limits;
    private readonly StatusPipe status;
    private readonly SafeFileHandle release;
    private readonly SupervisorClient supervisor;
    private readonly Action? released;
    private readonly TaskCompletionSource<string?> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool isAbandoned;

    /// <param name="group">Null where there is none.</param>
    /// <param name="status">On which the sandbox names its first process, the one that all others descend from.</param>
    /// <param name="release">The sandbox waits until this is closed.</param>
    /// <param name="released">Called, on a thread of its own, when the job runs.</param>
    public JobRelease(
        JobControlGroup? group,
        ProcessLimits limits,
        StatusPipe status,
        SafeFileHandle release,
        SupervisorClient supervisor,
        Action? released = null
    )
    {
        this.group = group;
        this.limits = limits;
        this.status = status;
        this.release = release;
        this.supervisor = supervisor;
        this.released = released;
        SpareThread.Run(Release);
    }

    /// <summary>To be called when the sandbox has ended.</summary>
    /// <returns>Why the job did not run; null where it did, or where its sandbox failed.</returns>
    public Task<string?> EndAsync()
    {
        isAbandoned = true;
        return ended.Task;
    }

    private void Release()
    {
        string? failure = null;
        var process = 0;
        try
        {
            if (FirstProcess().Match(status.ReadLine(() => isAbandoned)) is { Success: true, Groups: var groups })
            {
                process = int.Parse(groups[1].ValueSpan, CultureInfo.InvariantCulture);
                group?.Add(process);
                if (limits != ProcessLimits.None)
                    supervisor.SetLimits(process, limits, release);
                release.Dispose();
                released?.Invoke();
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (ProcessTree.IsRunning(process))
                failure = $"the job could not be put into its control group: {exception.Message}";
            Kill();
        }
        ended.SetResult(failure);
    }

    /// <summary>What must not run ends while it still waits.</summary>
    private void Kill()
    {
        try
        {
            supervisor.Kill();
        }
        catch (SupervisorLostException)
        {
            // The job ended with it.
        }
    }

    [GeneratedRegex("\"child-pid\": ([0-9]{1,9})\\b")]
    private static partial Regex FirstProcess();
}
