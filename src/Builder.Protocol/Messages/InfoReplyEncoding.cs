using System.Runtime.CompilerServices;
using Builder.Protocol.Der;
using Builder.Protocol.Values;

namespace Builder.Protocol.Messages;

/// <summary>
/// <c>infoReply</c> from front to back. With 100,000 jobs it takes tens of megabytes: all lengths are known before the first byte, so that
/// nothing is moved afterwards, and the whole never stands in memory.
/// </summary>
/// <remarks>
/// What takes the time is that the jobs lie scattered in memory. So they are gone through in batches, one step at a time for the whole batch:
/// the processor then waits for many at once instead of for one after the other.
/// </remarks>
internal sealed class InfoReplyEncoding
{
    /// <summary>A piece ends after the batch that reaches this size.</summary>
    private const int Piece = 64 << 10;

    private const int Batch = 64;

    private readonly ServerInfo info;
    private readonly long schedule;
    private readonly long[] queueJobs;
    private readonly long queues;
    private readonly long sequence;

    public InfoReplyEncoding(ServerInfo info)
    {
        this.info = info;
        schedule = SizeOf(info.Schedule);
        queueJobs = [.. info.Queues.Select(queue => SizeOf(queue.Jobs))];
        queues = info.Queues.Select((queue, place) => DerSize.OfElement(OfQueue(queue, queueJobs[place]))).Sum();
        var running = info.Running.Sum(job => DerSize.OfElement(ValueSize.OfContent(job)));
        var dropped = info.DroppedPlatforms.Sum(ValueSize.Of);
        sequence = DerSize.OfElement(schedule) + DerSize.OfElement(queues) + DerSize.OfElement(running) + DerSize.OfElement(dropped);
    }

    /// <summary>Of the whole message.</summary>
    public long Length => DerSize.OfElement(DerSize.OfElement(sequence));

    /// <summary>The message, with <paramref name="before"/> in front. Each piece is good until the next is asked for.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Pieces(byte[]? before = null)
    {
        var writer = new DerWriter((int)Math.Min(Length, Piece) + 1024);
        before?.CopyTo(writer.Take(before.Length));
        writer.WriteHeader(DerTag.Context(22), DerSize.OfElement(sequence));
        writer.WriteHeader(DerTag.Sequence, sequence);
        writer.WriteHeader(DerTag.Sequence, schedule);
        foreach (var items in Batches(info.Schedule))
        {
            Touch(items.Span);
            foreach (var item in items.Span)
                writer.WriteScheduleItem(item);
            if (writer.Written.Length < Piece)
                continue;
            yield return writer.Written;
            writer.Clear();
        }
        writer.WriteHeader(DerTag.Sequence, queues);
        for (var place = 0; place < info.Queues.Count; place++)
        {
            var queue = info.Queues[place];
            writer.WriteHeader(DerTag.Sequence, OfQueue(queue, queueJobs[place]));
            writer.WriteText(queue.Platform);
            writer.WriteHeader(DerTag.Sequence, queueJobs[place]);
            foreach (var jobs in Batches(queue.Jobs))
            {
                Touch(jobs.Span);
                foreach (var job in jobs.Span)
                    writer.WriteJob(job);
                if (writer.Written.Length < Piece)
                    continue;
                yield return writer.Written;
                writer.Clear();
            }
        }
        writer.WriteList(info.Running, ValueWriting.WriteRunning);
        writer.WriteList(info.DroppedPlatforms, ValueWriting.WriteText);
        yield return writer.Written;
    }

    private static long OfQueue(PlatformQueue queue, long jobs) => ValueSize.Of(queue.Platform) + DerSize.OfElement(jobs);

    private static long SizeOf(IReadOnlyList<ScheduleItem> schedule)
    {
        var size = 0L;
        foreach (var items in Batches(schedule))
        {
            foreach (var item in items.Span)
                size += ValueSize.Of(item);
        }
        return size;
    }

    private static long SizeOf(IReadOnlyList<Job> queue)
    {
        var size = 0L;
        foreach (var jobs in Batches(queue))
        {
            foreach (var job in jobs.Span)
                size += ValueSize.Of(job);
        }
        return size;
    }

    private static IEnumerable<ReadOnlyMemory<T>> Batches<T>(IReadOnlyList<T> list)
    {
        var batch = new T[Batch];
        var filled = 0;
        foreach (var item in list)
        {
            batch[filled++] = item;
            if (filled < Batch)
                continue;
            yield return batch;
            filled = 0;
        }
        if (filled > 0)
            yield return batch.AsMemory(0, filled);
    }

    /// <summary>Brings the jobs near, all at once; the sum is of no interest.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Touch(ReadOnlySpan<ScheduleItem> items)
    {
        var sum = 0;
        foreach (var item in items)
            sum += item.Job.Name.Length;
        foreach (var item in items)
            sum += Touch(item.Job);
        return sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Touch(ReadOnlySpan<Job> jobs)
    {
        var sum = 0;
        foreach (var job in jobs)
            sum += job.Name.Length;
        foreach (var job in jobs)
            sum += Touch(job);
        return sum;
    }

    private static int Touch(Job job) =>
        FirstOf(job.Name) + (job is ScriptJob script ? FirstOf(script.Script) + FirstOf(script.Platform) : 0);

    private static int FirstOf(ByteString text) => text.IsEmpty ? 0 : text.Span[0];
}
