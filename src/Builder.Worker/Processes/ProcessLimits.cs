using Builder.Worker.Native;

namespace Builder.Worker.Processes;

/// <summary>Limits that the kernel keeps for each process (setrlimit(2)); null where there is none.</summary>
/// <param name="Processes">Of the job's user in its namespace.</param>
/// <param name="FileBytes">Of a single file that is written.</param>
internal sealed record ProcessLimits(long? Processes, long? FileBytes)
{
    private const int RLIMIT_FSIZE = 1;
    private const int RLIMIT_NPROC = 6;

    public static ProcessLimits None { get; } = new(null, null);

    /// <summary>
    /// Sets them for a process that runs, and all that it starts from now on. Whose limits are lower already keeps them.
    /// </summary>
    /// <returns>How many were set.</returns>
    public int SetFor(int process) =>
        (Processes is { } processes && Posix.TrySetLimit(process, RLIMIT_NPROC, processes) ? 1 : 0)
        + (FileBytes is { } bytes && Posix.TrySetLimit(process, RLIMIT_FSIZE, bytes) ? 1 : 0);
}
