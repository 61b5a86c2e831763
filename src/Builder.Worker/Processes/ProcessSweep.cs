using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Builder.Worker.Native;

namespace Builder.Worker.Processes;

/// <summary>
/// Ends all that descends from a process, those too that fork faster than a list of them can be made. First everything is
/// stopped, group by group: a signal to a group reaches all its members at once, a child that is just being forked included
/// (fork(2) starts anew where a signal is pending), and what is stopped neither forks nor sees others die. What is stopped is
/// killed then.
/// </summary>
internal static class ProcessSweep
{
    /// <summary>A chain of processes that leaves its group with each step may get away a few times, not for ever.</summary>
    private const int MaxStops = 25;

    /// <summary>A pass takes far less time than a process needs to start another, so few are enough for any number of chains.</summary>
    private const int MaxPasses = 1000;

    /// <summary>State, parent and group are among the first fields.</summary>
    private const int StatLength = 256;

    private const int ChildrenLength = 16 << 10;

    /// <returns>What there was, without those that have ended and only wait for their status to be taken.</returns>
    public static SweptProcesses Kill(int root)
    {
        for (var i = 0; i < MaxStops; i++)
        {
            StopChildren(root);
            if (Signal(root, Posix.SIGSTOP, static state => state is not ('T' or 't')) is not { Found: > 0, AreOthers: false })
                break;
        }
        return Signal(root, Posix.SIGKILL, static _ => true);
    }

    /// <summary>
    /// Stops the children as they come. Each step of a chain becomes a child of the subreaper when the step before it ends, and the kernel
    /// lists children at once, which a look at all processes of a busy machine is too slow for.
    /// </summary>
    private static void StopChildren(int root)
    {
        var stopped = new HashSet<int>();
        var buffer = new byte[ChildrenLength];
        for (var pass = 0; pass < MaxPasses && StopNewChildren(root, stopped, buffer); pass++) { }
    }

    /// <returns>False where there are no new ones, or the kernel does not list them.</returns>
    private static bool StopNewChildren(int root, HashSet<int> stopped, byte[] buffer)
    {
        var before = stopped.Count;
        try
        {
            foreach (var thread in Directory.EnumerateDirectories(string.Create(CultureInfo.InvariantCulture, $"/proc/{root}/task")))
            {
                using var file = File.OpenHandle($"{thread}/children");
                var pid = 0;
                for (int length, offset = 0; (length = RandomAccess.Read(file, buffer, offset)) > 0; offset += length)
                {
                    foreach (var character in buffer.AsSpan(0, length))
                    {
                        if (character != (byte)' ')
                        {
                            pid = (pid * 10) + (character - '0');
                            continue;
                        }
                        if (pid > 1 && stopped.Add(pid))
                            _ = Posix.kill(pid, Posix.SIGSTOP);
                        pid = 0;
                    }
                }
            }
        }
        catch (IOException)
        {
            // No such list, or a thread has just ended: the look at all processes follows.
        }
        return stopped.Count > before;
    }

    /// <summary>Kills the children, and what descends from them only as far as that ends with them.</summary>
    /// <returns>False where the kernel does not list children.</returns>
    public static bool KillChildren(int root)
    {
        try
        {
            foreach (var thread in Directory.EnumerateDirectories(string.Create(CultureInfo.InvariantCulture, $"/proc/{root}/task")))
            {
                foreach (var child in File.ReadAllText($"{thread}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
                    _ = Posix.kill(int.Parse(child, CultureInfo.InvariantCulture), Posix.SIGKILL);
            }
            return true;
        }
        catch (IOException)
        {
            return false; // or a thread has just ended
        }
    }

    private static SweptProcesses Signal(int root, int signal, Func<char, bool> isWanted)
    {
        var count = 0;
        var refused = 0;
        var known = new HashSet<int> { root };
        var groups = new HashSet<int>();
        var buffer = new byte[StatLength];
        var own = ReadStat(root, buffer)?.Group;
        // In the order of their numbers, in which parents mostly come before children and a chain's next process last. Each is
        // signalled as soon as it is seen: a moment later it may have gone on.
        foreach (var pid in Numbers().Order())
        {
            if (ReadStat(pid, buffer) is not var (state, parent, group) || !known.Contains(parent) || pid == root)
                continue;
            known.Add(pid);
            if (state is 'Z' or 'X' || !isWanted(state))
                continue;
            count++;
            if (group > 1 && group != own && groups.Add(group))
                _ = Posix.kill(-group, signal);
            if (Posix.kill(pid, signal) != 0 && Marshal.GetLastPInvokeError() == Posix.EPERM)
                refused++;
        }
        return new SweptProcesses(count, refused);
    }

    private static IEnumerable<int> Numbers()
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory.AsSpan()), CultureInfo.InvariantCulture, out var pid))
                yield return pid;
        }
    }

    /// <summary>Null where the process is gone.</summary>
    private static unsafe (char State, int Parent, int Group)? ReadStat(int pid, byte[] buffer)
    {
        var descriptor = Posix.open(
            Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat\0")),
            Posix.O_RDONLY | Posix.O_CLOEXEC
        );
        if (descriptor < 0)
            return null;
        using var file = new Microsoft.Win32.SafeHandles.SafeFileHandle(descriptor, ownsHandle: true);
        nint length;
        fixed (byte* start = buffer)
            length = Posix.read(file, start, (nuint)buffer.Length);
        if (length <= 0)
            return null;
        // PID (COMMAND) STATE PARENT GROUP …, where the command may hold anything, parentheses too.
        var stat = buffer.AsSpan(0, (int)length);
        var fields = Encoding.ASCII.GetString(stat[(stat.LastIndexOf((byte)')') + 2)..]).Split(' ', 4);
        return (fields[0][0], int.Parse(fields[1], CultureInfo.InvariantCulture), int.Parse(fields[2], CultureInfo.InvariantCulture));
    }
}
