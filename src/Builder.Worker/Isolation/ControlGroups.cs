using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Builder.Protocol.Values;
using Builder.Worker.Options;

namespace Builder.Worker.Isolation;

/// <summary>
/// Control groups in which jobs get limits: version 2 where the group of this worker is its own to divide, version 1 where
/// the hierarchies are writable.
/// </summary>
internal sealed class ControlGroups
{
    private const string Mount = "/sys/fs/cgroup";

    private readonly double? cpus;
    private readonly bool isUnified;
    private readonly IReadOnlyDictionary<string, string> parents;
    private readonly ConcurrentQueue<string> leftOver = new();

    private ControlGroups(double? cpus, bool isUnified, IReadOnlyDictionary<string, string> parents)
    {
        this.cpus = cpus;
        this.isUnified = isUnified;
        this.parents = parents;
    }

    /// <exception cref="IOException">There are none for these limits; the message says which and why.</exception>
    public static ControlGroups Open(ResourceLimits limits)
    {
        string[] wanted =
        [
            .. limits.MemoryBytes is null ? [] : new[] { "memory" },
            .. limits.Cpus is null ? [] : new[] { "cpu" },
            .. limits.Processes is null ? [] : new[] { "pids" },
        ];
        try
        {
            return Open(wanted, limits.Cpus);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"limits of {string.Join(", ", wanted)} need control groups that this worker may make: {exception.Message} "
                    + "(a systemd service gets them with Delegate=yes); leave out --memory, --cpus and --pids to run without limits",
                exception
            );
        }
    }

    /// <summary>For memory and processes, as far as this machine has them; null for none.</summary>
    public static ControlGroups? TryOpen()
    {
        foreach (
            var wanted in (string[][])
                [
                    ["memory", "pids"],
                    ["memory"],
                    ["pids"],
                ]
        )
        {
            try
            {
                return Open(wanted, null);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // The worker watches its jobs itself then.
            }
        }
        return null;
    }

    public bool Limits(string controller) => parents.ContainsKey(controller);

    private static ControlGroups Open(string[] wanted, double? cpus)
    {
        var isUnified = File.Exists($"{Mount}/cgroup.controllers");
        var groups = new ControlGroups(
            cpus,
            isUnified,
            isUnified ? Unified(wanted) : wanted.ToDictionary(controller => controller, OwnGroupOf)
        );
        groups.RemoveLeft();
        groups.Create(JobLimits.None).Dispose(); // what cannot be had is said now, not with the first job
        return groups;
    }

    /// <summary>Those of workers that were killed together with their supervisor.</summary>
    private void RemoveLeft()
    {
        foreach (
            var directory in parents.Values.Distinct().SelectMany(parent => Directory.EnumerateDirectories(parent, "builder-*-*")).ToList()
        )
        {
            // builder-PID-RANDOM; who counts processes otherwise, in another container, is kept by the group's being in use.
            if (
                int.TryParse(Path.GetFileName(directory).Split('-')[1], CultureInfo.InvariantCulture, out var worker)
                && !Directory.Exists(string.Create(CultureInfo.InvariantCulture, $"/proc/{worker}"))
                && !JobControlGroup.TryRemove(directory)
            )
            {
                leftOver.Enqueue(directory);
            }
        }
    }

    /// <summary>A new group, with the limits, for one job.</summary>
    public JobControlGroup Create(JobLimits limits)
    {
        for (var left = leftOver.Count; left > 0 && leftOver.TryDequeue(out var old); left--)
        {
            if (!JobControlGroup.TryRemove(old))
                leftOver.Enqueue(old);
        }
        // Not a number that counts: two workers in one process would get each other's groups, and each remove the other's while it is empty.
        var name = string.Create(
            CultureInfo.InvariantCulture,
            $"builder-{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(16, lowercase: true)}"
        );
        var directories = parents.ToDictionary(parent => parent.Key, parent => Path.Combine(parent.Value, name));
        var group = new JobControlGroup(isUnified, cpus, limits, directories, leftOver.Enqueue);
        try
        {
            foreach (var directory in directories.Values.Distinct())
                Directory.CreateDirectory(directory);
            group.SetLimits();
            return group;
        }
        catch
        {
            group.Dispose();
            throw;
        }
    }

    /// <summary>Version 2: a group either holds processes or divides its means, so the worker moves into a leaf of its own first.</summary>
    private static Dictionary<string, string> Unified(string[] wanted)
    {
        var own = Mount + PathIn(File.ReadLines("/proc/self/cgroup").Single(line => line.StartsWith("0::", StringComparison.Ordinal)));
        var offered = File.ReadAllText($"{own}/cgroup.controllers").Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        if (wanted.Except(offered).FirstOrDefault() is { } missing)
            throw new IOException($"{own} has no controller {missing}");
        var control = string.Join(' ', wanted.Select(controller => $"+{controller}"));
        try
        {
            File.WriteAllText($"{own}/cgroup.subtree_control", control);
        }
        catch (IOException)
        {
            var leaf = Directory.CreateDirectory($"{own}/builder-worker").FullName;
            File.WriteAllText($"{leaf}/cgroup.procs", Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            File.WriteAllText($"{own}/cgroup.subtree_control", control);
        }
        return wanted.ToDictionary(controller => controller, _ => own);
    }

    /// <summary>Version 1: a hierarchy for each controller.</summary>
    private static string OwnGroupOf(string controller)
    {
        foreach (var line in File.ReadLines("/proc/self/cgroup"))
        {
            if (line.Split(':', 3) is [_, var controllers, _] && controllers.Split(',').Contains(controller))
            {
                // In a container the path may be that of the host, of which only the mounted part is there.
                var own = $"{Mount}/{controller}{PathIn(line)}";
                return Directory.Exists(own) ? own : $"{Mount}/{controller}";
            }
        }
        throw new IOException($"the kernel has no control groups for {controller}");
    }

    private static string PathIn(string line) => line.Split(':', 3)[2].TrimEnd('/');
}
