using System.Buffers;
using Builder.Server.Scheduling;

namespace Builder.Server.State;

/// <summary>A file of the journal that holds a whole state; its last record says how many events it has.</summary>
internal static class Snapshot
{
    /// <returns>Its length in bytes.</returns>
    public static long Write(Stream stream, long number, IReadOnlyList<SchedulerEvent> state, ulong salt)
    {
        var scratch = new ArrayBufferWriter<byte>();
        var output = new ArrayBufferWriter<byte>(128 * 1024);
        output.Write(new JournalFileHeader(salt, number, PreviousEnd: 0).Encode());
        long written = 0;
        foreach (var change in state)
        {
            var offset = written + output.WrittenCount;
            JournalRecord.Write(output, scratch, change, salt, offset, batchStart: offset);
            if (output.WrittenCount >= 64 * 1024)
                written += Flush(stream, output);
        }
        output.Write(JournalRecord.Mark(EventKind.SnapshotEnd, state.Count, salt, written + output.WrittenCount));
        return written + Flush(stream, output);
    }

    private static long Flush(Stream stream, ArrayBufferWriter<byte> output)
    {
        stream.Write(output.WrittenSpan);
        var count = output.WrittenCount;
        output.ResetWrittenCount();
        return count;
    }
}
