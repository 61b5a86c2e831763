using System.Globalization;

namespace Builder.Worker.Processes;

/// <summary>Who descends from whom, as <c>/proc</c> says at this moment.</summary>
internal static class ProcessTree
{
    /// <summary>Every process below <paramref name="root"/>, whatever session or group it made for itself; not the root.</summary>
    public static List<int> DescendantsOf(int root)
    {
        var children = new Dictionary<int, List<int>>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (
                !int.TryParse(Path.GetFileName(directory.AsSpan()), CultureInfo.InvariantCulture, out var pid)
                || ParentOf(pid) is not { } parent
            )
                continue;
            if (!children.TryGetValue(parent, out var siblings))
                children[parent] = siblings = [];
            siblings.Add(pid);
        }

        var found = new List<int>();
        var open = new Stack<int>([root]);
        while (open.TryPop(out var pid))
        {
            foreach (var child in children.GetValueOrDefault(pid) ?? [])
            {
                found.Add(child);
                open.Push(child);
            }
        }
        return found;
    }

    /// <summary>Bytes that a process has in memory and shares with no file; 0 where it is gone.</summary>
    public static long OwnMemoryOf(int pid) =>
        Read($"/proc/{pid}/statm")?.Split(' ') is [_, var resident, var shared, ..]
            ? (long.Parse(resident, CultureInfo.InvariantCulture) - long.Parse(shared, CultureInfo.InvariantCulture))
                * Environment.SystemPageSize
            : 0;

    /// <summary>The same with what processes share divided among them; slower, and only for processes that this one may look into.</summary>
    public static long ShareOfMemoryOf(int pid)
    {
        const string Field = "Pss_Anon:";
        if (Read($"/proc/{pid}/smaps_rollup") is not { } text || text.IndexOf(Field, StringComparison.Ordinal) is not (>= 0 and var at))
            return OwnMemoryOf(pid);
        var words = text[(at + Field.Length)..].TrimStart().Split(' ', 2);
        return long.Parse(words[0], CultureInfo.InvariantCulture) * 1024;
    }

    /// <summary>0 where the process is gone.</summary>
    public static int ThreadsOf(int pid)
    {
        const int FieldAfterName = 17; // num_threads is the 20th, state the 3rd
        return Read($"/proc/{pid}/stat") is { } stat
            ? int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[FieldAfterName], CultureInfo.InvariantCulture)
            : 0;
    }

    /// <summary>False where it has ended, and only waits for its status to be taken.</summary>
    public static bool IsRunning(int pid) => Read($"/proc/{pid}/stat") is { } stat && stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Null where the process is gone.</summary>
    private static int? ParentOf(int pid)
    {
        try
        {
            // PID (COMMAND) STATE PARENT …, where the command may hold anything, parentheses too.
            var stat = File.ReadAllText($"/proc/{pid}/stat").AsSpan();
            var rest = stat[(stat.LastIndexOf(')') + 2)..];
            var fields = rest[(rest.IndexOf(' ') + 1)..];
            return int.Parse(fields[..fields.IndexOf(' ')], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null; // another user's process under hidepid: not ours to end
        }
    }
}
