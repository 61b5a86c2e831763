using Builder.Protocol.Values;

namespace Builder.Server.Scheduling;

/// <summary>What a dropped platform had, kept until it is undropped.</summary>
internal sealed class SuspendedPlatform(Platform platform, Timestamp at, bool hadQueue)
{
    public Platform Platform { get; } = platform;

    public Timestamp At { get; } = at;

    public bool HadQueue { get; } = hadQueue;

    public Dictionary<JobName, ScheduledJob> Jobs { get; } = [];

    /// <summary>The queue, head first.</summary>
    public List<(JobName Name, int Attempts)> Entries { get; } = [];

    public void Put(JobName name, bool front, int attempts)
    {
        Entries.RemoveAll(entry => entry.Name == name);
        Entries.Insert(front ? 0 : Entries.Count, (name, attempts));
    }
}
