using Builder.Protocol.Der;
using Builder.Protocol.Messages;

namespace Builder.Protocol.StateFiles;

/// <summary>The state file of the original server: schedule, queues and dropped platforms in any order.</summary>
public static class StateFile
{
    /// <summary>Items of kind <see cref="StateItem.Legacy"/> are left out, as nobody writes them any more.</summary>
    public static byte[] Encode(IReadOnlyList<StateItem> items)
    {
        var writer = new DerWriter();
        var list = writer.BeginSequence();
        foreach (var item in items)
            Write(writer, item);
        writer.End(list);
        return writer.ToArray();
    }

    /// <exception cref="ProtocolException">Not a state file; the message says where and why.</exception>
    public static IReadOnlyList<StateItem> Decode(ReadOnlyMemory<byte> file)
    {
        var reader = new DerReader(file);
        var items = reader.ReadList("state", Read);
        reader.End();
        return items;
    }

    private static void Write(DerWriter writer, StateItem item)
    {
        switch (item)
        {
            case StateItem.Schedule(var schedule):
                var scheduled = writer.Begin(DerTag.Context(3));
                writer.WriteScheduleItem(schedule);
                writer.End(scheduled);
                break;
            case StateItem.Queue(var jobs):
                var queue = writer.Begin(DerTag.Context(4));
                writer.WriteQueue(jobs);
                writer.End(queue);
                break;
            case StateItem.DroppedPlatform(var platform):
                var dropped = writer.Begin(DerTag.Context(5));
                writer.WriteText(platform);
                writer.End(dropped);
                break;
        }
    }

    private static StateItem Read(DerReader reader)
    {
        var tag = reader.PeekTag();
        if (DerTag.ContextNumber(tag) is < 0 or > 5)
            throw reader.MalformedNext("", $"expected a state item [0] to [5], found {DerTag.Describe(tag)}");
        reader.Enter(tag, "");
        StateItem item = DerTag.ContextNumber(tag) switch
        {
            0 => new StateItem.Legacy(reader.ReadScriptJob("legacyScript")),
            1 => ReadLegacySchedule(reader),
            2 => new StateItem.Legacy(reader.ReadJob("legacyJob")),
            3 => new StateItem.Schedule(reader.ReadScheduleItem("schedule")),
            4 => new StateItem.Queue(reader.ReadQueue("queue")),
            _ => new StateItem.DroppedPlatform(reader.ReadText("droppedPlatform")),
        };
        reader.Leave();
        return item;
    }

    private static StateItem.Schedule ReadLegacySchedule(DerReader reader)
    {
        reader.EnterSequence("legacySchedule");
        var item = new ScheduleItem(reader.ReadUtcTime("next"), reader.ReadPeriod("period"), reader.ReadScriptJob("job"));
        reader.Leave();
        return new StateItem.Schedule(item);
    }
}
