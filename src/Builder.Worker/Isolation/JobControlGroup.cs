using System.Globalization;
using Builder.Protocol.Values;
using Builder.Worker.Native;
using Builder.Worker.Processes;

namespace Builder.Worker.Isolation;

/// <summary>The control group of one job.</summary>
/// <param name="directories">By controller; all the same in version 2.</param>
/// <param name="leftOver">Told of what could not be removed.</param>
internal sealed class JobControlGroup(
    bool isUnified,
    double? cpusLimit,
    JobLimits limits,
    IReadOnlyDictionary<string, string> directories,
    Action<string> leftOver
) : IDisposable
{
    /// <summary>One for each controller, or one for all.</summary>
    public IReadOnlyList<string> Directories { get; } = [.. directories.Values.Distinct()];

    // The shell goes into the groups itself, then becomes what was asked for.
    private const string Enter = """while [ "$1" != -- ]; do echo 0 > "$1/cgroup.procs" || exit 125; shift; done; shift; exec "$@" """;

    /// <summary>The same command, started within the group.</summary>
    public Launch Within(Launch launch) =>
        launch with
        {
            Command = ["/bin/sh", "-c", Enter, "sh", .. Directories, "--", .. launch.Command],
        };

    /// <summary>Moves a process that runs into the group.</summary>
    /// <exception cref="IOException">It could not be moved.</exception>
    public void Add(int process)
    {
        foreach (var directory in Directories)
            File.WriteAllText(Path.Combine(directory, "cgroup.procs"), process.ToString(CultureInfo.InvariantCulture));
    }

    public void SetLimits()
    {
        if (limits.MaxMemoryBytes is { } memory && directories.ContainsKey("memory"))
        {
            Set("memory", isUnified ? "memory.max" : "memory.limit_in_bytes", memory);
            SetIfThere("memory", isUnified ? "memory.swap.max" : "memory.memsw.limit_in_bytes", isUnified ? 0 : memory);
        }
        if (cpusLimit is { } cpus)
        {
            const int Period = 100_000;
            var quota = (long)(cpus * Period);
            if (isUnified)
            {
                Set("cpu", "cpu.max", $"{quota} {Period}");
            }
            else
            {
                Set("cpu", "cpu.cfs_period_us", Period);
                Set("cpu", "cpu.cfs_quota_us", quota);
            }
        }
        if (limits.MaxProcesses is { } processes && directories.ContainsKey("pids"))
            Set("pids", "pids.max", processes);
    }

    /// <summary>What the kernel counted for the group, in place of what the processes themselves say.</summary>
    public ResourceUsage Correct(ResourceUsage usage) =>
        Read("memory", isUnified ? "memory.peak" : "memory.max_usage_in_bytes") is { } peak
            ? usage with
            {
                PeakMemoryBytes = long.Parse(peak, CultureInfo.InvariantCulture),
            }
            : usage;

    /// <summary>What there is to say to people about limits that were reached.</summary>
    public IEnumerable<string> Complaints()
    {
        if (Counter("memory", isUnified ? "memory.events" : "memory.oom_control", "oom_kill") is > 0 and var killed)
            yield return $"the memory limit of {limits.MaxMemoryBytes} bytes was reached; {killed} processes were killed for it (limit: memory)";
        if (Counter("pids", "pids.events", "max") is > 0 and var refused)
            yield return $"the limit of {limits.MaxProcesses} processes was reached; {refused} more were refused (limit: pids)";
    }

    /// <summary>Removes the group; its processes have ended. What the kernel still holds on to is left for another try.</summary>
    public void Dispose()
    {
        foreach (var directory in Directories)
        {
            if (!TryRemove(directory))
                leftOver(directory);
        }
    }

    /// <summary>A group is busy for a moment after its last process has ended.</summary>
    public static bool TryRemove(string directory)
    {
        const int Tries = 100;
        for (var i = 0; i < Tries; i++)
        {
            try
            {
                if (Directory.Exists(directory))
                    Directory.Delete(directory);
                return true;
            }
            catch (IOException)
            {
                Posix.Pause(milliseconds: 5);
            }
        }
        return false;
    }

    private void Set(string controller, string file, long value) => Set(controller, file, value.ToString(CultureInfo.InvariantCulture));

    private void Set(string controller, string file, string value) => File.WriteAllText(Path.Combine(directories[controller], file), value);

    private void SetIfThere(string controller, string file, long value)
    {
        if (File.Exists(Path.Combine(directories[controller], file)))
            Set(controller, file, value);
    }

    private string? Read(string controller, string file) =>
        directories.TryGetValue(controller, out var directory) && File.Exists(Path.Combine(directory, file))
            ? File.ReadAllText(Path.Combine(directory, file)).TrimEnd()
            : null;

    private long? Counter(string controller, string file, string name) =>
        Read(controller, file)
            ?.Split('\n')
            .Select(line => line.Split(' '))
            .Where(fields => fields is [var key, _] && key == name)
            .Select(fields => long.Parse(fields[1], CultureInfo.InvariantCulture))
            .FirstOrDefault();
}
