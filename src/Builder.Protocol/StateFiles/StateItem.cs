using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Protocol.StateFiles;

/// <summary>An entry of the original server's state file.</summary>
public abstract record StateItem
{
    private StateItem() { }

    public sealed record Schedule(ScheduleItem Item) : StateItem;

    public sealed record Queue(PlatformQueue Items) : StateItem;

    public sealed record DroppedPlatform(ByteString Platform) : StateItem;

    /// <summary>A form of earlier versions: read, warned about, ignored.</summary>
    public sealed record Legacy(Job Job) : StateItem;
}
