using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Builder.EndToEnd.Tests;

/// <summary>What jobs leave on a machine when all goes wrong: processes, directories, control groups.</summary>
/// <param name="workDirectory">Where workers make the directories of their jobs.</param>
internal sealed class FarmRemains(string workDirectory)
{
    private const string ControlGroups = "/sys/fs/cgroup";

    /// <summary>In the environment of every process of a job, and of no other.</summary>
    public string Variable { get; } = $"BUILDER_TEST_MARK={Guid.NewGuid():N}";

    /// <summary>All workers that ever were.</summary>
    public ConcurrentBag<int> Workers { get; } = [];

    /// <summary>Waits until nothing is left; what stays is named.</summary>
    public async Task NothingAsync()
    {
        using var patience = new CancellationTokenSource(BuilderProcess.Patience / 4);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            List<string> left = [.. Processes(), .. Directory.EnumerateFileSystemEntries(workDirectory, "builder-*"), .. Groups()];
            if (left.Count == 0)
                return;
            if (patience.IsCancellationRequested)
                Assert.Fail($"{left.Count} are left: {string.Join("; ", left.Take(20))}");
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    public static IReadOnlyList<int> SupervisorsOf(int worker) =>
        [
            .. Numbers()
                .Where(pid =>
                    Read(pid, "stat") is { } stat
                    && stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1] == worker.ToString(CultureInfo.InvariantCulture)
                    && Read(pid, "cmdline")?.Contains("worker-supervisor", StringComparison.Ordinal) == true
                ),
        ];

    /// <summary>SIGKILL to all of them in one go.</summary>
    public static async Task KillAsync(IReadOnlyList<int> processes)
    {
        if (processes.Count == 0)
            return;
        var start = new ProcessStartInfo("kill") { ArgumentList = { "-KILL" }, RedirectStandardError = true };
        foreach (var pid in processes)
            start.ArgumentList.Add(pid.ToString(CultureInfo.InvariantCulture));
        using var kill = Process.Start(start)!;
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private IEnumerable<string> Processes() =>
        Numbers()
            .Where(pid => Read(pid, "environ")?.Contains(Variable, StringComparison.Ordinal) == true)
            .Select(pid => $"process {pid}: {Read(pid, "cmdline")?.Replace('\0', ' ')}");

    private IEnumerable<string> Groups()
    {
        if (!Directory.Exists(ControlGroups))
            return [];
        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true };
        var prefixes = Workers.Select(pid => string.Create(CultureInfo.InvariantCulture, $"builder-{pid}-")).ToList();
        return Directory
            .EnumerateDirectories(ControlGroups, "builder-*", options)
            .Where(path => prefixes.Any(prefix => Path.GetFileName(path).StartsWith(prefix, StringComparison.Ordinal)));
    }

    private static IEnumerable<int> Numbers()
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out var pid))
                yield return pid;
        }
    }

    /// <summary>Null where the process is gone, or another user's.</summary>
    private static string? Read(int pid, string file)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/{file}"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
