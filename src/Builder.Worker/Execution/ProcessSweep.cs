using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Builder.Worker.Execution;

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

    /// <summary>State, parent and group are among the first fields.</summary>
    private const int StatLength = 256;

    /// <returns>What there was, without those that have ended and only wait for their status to be taken.</returns>
    public static SweptProcesses Kill(int root)
    {
        for (var i = 0; i < MaxStops && Signal(root, Posix.SIGSTOP, static state => state is not ('T' or 't')) is { Found: > 0, AreOthers: false }; i++)
        {
        }
        return Signal(root, Posix.SIGKILL, static _ => true);
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
        var descriptor = Posix.open(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat\0")), Posix.O_RDONLY | Posix.O_CLOEXEC);
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
