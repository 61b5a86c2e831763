using System.Globalization;

namespace Builder.Worker.Execution;

/// <summary>Who descends from whom, as <c>/proc</c> says at this moment.</summary>
internal static class ProcessTree
{
    /// <summary>Every process below <paramref name="root"/>, whatever session or group it made for itself; not the root.</summary>
    public static List<int> DescendantsOf(int root)
    {
        var children = new Dictionary<int, List<int>>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory.AsSpan()), CultureInfo.InvariantCulture, out var pid) || ParentOf(pid) is not { } parent)
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
