using Builder.Protocol.Der;
using Builder.Protocol.Values;

namespace Builder.Protocol.Messages;

/// <summary>
/// Sizes, header included, of the values that stand in long lists: with them a list is written from front to back, in pieces.
/// </summary>
internal static class ValueSize
{
    /// <summary>A tag around NULL.</summary>
    public const int OfPeriod = 4;

    private const int OfUuid = 2 + BuildUuid.SizeInBytes;

    public static long Of(ByteString text) => DerSize.OfElement(text.Length);

    public static long OfContent(ScriptJob job) => Of(job.Name) + Of(job.Script) + DerSize.OfElement(0) + Of(job.Platform);

    public static long OfContent(OrbBuildJob job) => Of(job.Name) + Of(job.OpamPackage);

    /// <summary>Of what stands in the tag of the choice.</summary>
    public static long OfChosen(Job job) => DerSize.OfElement(job is ScriptJob script ? OfContent(script) : OfContent((OrbBuildJob)job));

    public static long Of(Job job) => DerSize.OfElement(OfChosen(job));

    public static long OfContent(ScheduleItem item) => DerTime.SizeOf(item.Next) + OfPeriod + Of(item.Job);

    public static long Of(ScheduleItem item) => DerSize.OfElement(OfContent(item));

    public static long OfContent(IReadOnlyList<Job> jobs)
    {
        var size = 0L;
        foreach (var job in jobs)
            size += Of(job);
        return size;
    }

    public static long OfContent(PlatformQueue queue) => Of(queue.Platform) + DerSize.OfElement(OfContent(queue.Jobs));

    public static long OfContent(RunningJob running) =>
        DerTime.SizeOf(running.Started) + OfUuid + DerSize.OfElement(OfContent(running.Job));
}
