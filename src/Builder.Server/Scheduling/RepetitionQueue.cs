using Builder.Protocol.Values;

namespace Builder.Server.Scheduling;

/// <summary>The repetitions that wait, in the order in which they came: of each job and platform at most one, the one of the newest build.</summary>
internal sealed class RepetitionQueue
{
    private readonly Dictionary<Platform, LinkedList<Repetition>> lines = [];
    private readonly Dictionary<(Platform, JobName), LinkedListNode<Repetition>> nodes = [];

    public int Count => nodes.Count;

    public bool Has(Platform platform) => lines.ContainsKey(platform);

    public int CountOf(Platform platform) => lines.GetValueOrDefault(platform)?.Count ?? 0;

    public IEnumerable<Repetition> Of(Platform platform) => lines.GetValueOrDefault(platform) ?? [];

    public IEnumerable<Repetition> All() => lines.Values.SelectMany(static line => line);

    public Repetition? Find(Platform platform, JobName name) => nodes.GetValueOrDefault((platform, name))?.Value;

    /// <summary>Takes the place of one of an older build, and gives way to one of a newer.</summary>
    public void Put(Repetition repetition, bool atFront)
    {
        var key = (repetition.Platform, repetition.Name);
        if (nodes.TryGetValue(key, out var node))
        {
            if (node.Value.Built > repetition.Built)
                return;
            Remove(repetition.Platform, repetition.Name);
        }
        if (!lines.TryGetValue(repetition.Platform, out var line))
            lines.Add(repetition.Platform, line = new LinkedList<Repetition>());
        nodes.Add(key, atFront ? line.AddFirst(repetition) : line.AddLast(repetition));
    }

    public bool Remove(Platform platform, JobName name)
    {
        if (!nodes.Remove((platform, name), out var node))
            return false;
        var line = lines[platform];
        line.Remove(node);
        if (line.Count == 0)
            lines.Remove(platform);
        return true;
    }

    /// <summary>On every platform.</summary>
    public void Remove(JobName name)
    {
        foreach (var platform in lines.Keys.ToArray())
            Remove(platform, name);
    }
}
