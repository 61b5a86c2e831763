using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Builder.Analysis.Difference;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Scheduling;

namespace Builder.Server.State;

/// <summary>Events as bytes: a kind, then the fields in order. Integers little-endian, text and bytes with their length before them.</summary>
internal sealed class EventWriter(IBufferWriter<byte> output)
{
    public void Write(SchedulerEvent change)
    {
        switch (change)
        {
            case SchedulerEvent.JobScheduled(var job):
                Put(EventKind.JobScheduled);
                Put(job);
                break;
            case SchedulerEvent.JobUnscheduled(var name):
                Put(EventKind.JobUnscheduled);
                Put(name.Value);
                break;
            case SchedulerEvent.NextChanged(var name, var next, var period):
                Put(EventKind.NextChanged);
                Put(name.Value);
                Put(next.Ticks);
                Put((byte)period);
                break;
            case SchedulerEvent.QueueOpened(var platform, var virtualTime):
                Put(EventKind.QueueOpened);
                Put(platform.Value);
                Put(virtualTime);
                break;
            case SchedulerEvent.Enqueued(var platform, var name, var position, var attempts, var since):
                Put(EventKind.Enqueued);
                Put(platform.Value);
                Put(name.Value);
                Put(position.Front);
                Put(position.Tag);
                Put((long)position.Priority);
                Put(position.Sequence);
                Put((long)attempts);
                Put(since.Ticks);
                break;
            case SchedulerEvent.PlatformDropped(var platform, var at, var hadQueue):
                Put(EventKind.PlatformDropped);
                Put(platform.Value);
                Put(at.Ticks);
                Put(hadQueue);
                break;
            case SchedulerEvent.PlatformUndropped(var platform):
                Put(EventKind.PlatformUndropped);
                Put(platform.Value);
                break;
            case SchedulerEvent.JobSuspended(var platform, var job):
                Put(EventKind.JobSuspended);
                Put(platform.Value);
                Put(job);
                break;
            case SchedulerEvent.EntrySuspended(var platform, var name, var front, var attempts):
                Put(EventKind.EntrySuspended);
                Put(platform.Value);
                Put(name.Value);
                Put(front);
                Put((long)attempts);
                break;
            case SchedulerEvent.LeaseGranted(var lease):
                Put(EventKind.LeaseGranted);
                Put(lease);
                break;
            case SchedulerEvent.LeaseReturned(var uuid):
                Put(EventKind.LeaseReturned);
                Put(uuid);
                break;
            case SchedulerEvent.BuildRecorded(var build, var spooled):
                Put(EventKind.BuildRecorded);
                Put(build.Uuid);
                Put(build.Name.Value);
                Put(build.Platform.Value);
                Put(build.Finished.Ticks);
                Put(build.Checksums);
                Put(spooled);
                break;
            case SchedulerEvent.BuildUploaded(var uuid):
                Put(EventKind.BuildUploaded);
                Put(uuid);
                break;
            case SchedulerEvent.QueueClosed(var platform):
                Put(EventKind.QueueClosed);
                Put(platform.Value);
                break;
            case SchedulerEvent.StateFileSeen(var digest):
                Put(EventKind.StateFileSeen);
                Put(digest);
                break;
            default:
                throw new InvalidOperationException($"unknown event {change.GetType().Name}");
        }
    }

    private void Put(ScheduledJob job)
    {
        Put(job.Name.Value);
        Put((byte)job.Period);
        Put(job.Next.Ticks);
        Put(job.Added.Ticks);
        Put(job.Options);
        if (job.Job is ScriptJob script)
        {
            Put((byte)0);
            Put(script.Platform);
            Put(script.Script);
        }
        else
        {
            Put((byte)1);
            Put(((OrbBuildJob)job.Job).OpamPackage);
        }
    }

    private void Put(Lease lease)
    {
        Put(lease.Uuid);
        Put(lease.Name.Value);
        Put(lease.Platform.Value);
        Put(lease.Job.Name);
        Put(lease.Job.Platform);
        Put(lease.Job.Script);
        Put(lease.Started.Ticks);
        Put((long)lease.Attempt);
        Put(lease.Worker);
        Put(lease.Options);
    }

    private void Put(JobOptions options)
    {
        Put((long)options.Priority);
        Put(options.TimeLimit?.Ticks ?? -1);
        Put(options.Owner);
        Put(options.Cron ?? "");
        var limits = options.Limits ?? JobLimits.None;
        foreach (
            var limit in (ReadOnlySpan<long?>)
                [
                    limits.MaxProcesses,
                    limits.MaxMemoryBytes,
                    limits.MaxDiskBytes,
                    limits.MaxConsoleBytes,
                    limits.MaxArtifacts,
                    limits.MaxArtifactBytes,
                ]
        )
        {
            Put(limit ?? -1);
        }
        Put((long)options.Expected.All.Count);
        foreach (var expected in options.Expected.All)
        {
            Put(CauseNames.NameOf(expected.Cause));
            Put(expected.Path);
        }
        Put((long)(options.Publish?.By ?? 0));
        if (options.Publish is { } rule)
            Put(rule.IsIndependent);
    }

    private void Put(EventKind kind) => Put((byte)kind);

    private void Put(bool value) => Put((byte)(value ? 1 : 0));

    private void Put(byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    private void Put(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(output.GetSpan(sizeof(long)), value);
        output.Advance(sizeof(long));
    }

    private void Put(BuildUuid uuid)
    {
        uuid.CopyTo(output.GetSpan(BuildUuid.SizeInBytes));
        output.Advance(BuildUuid.SizeInBytes);
    }

    private void Put(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        PutLength(length);
        Encoding.UTF8.GetBytes(text, output.GetSpan(length));
        output.Advance(length);
    }

    private void Put(ByteString bytes)
    {
        PutLength(bytes.Length);
        output.Write(bytes.Span);
    }

    private void PutLength(int length)
    {
        BinaryPrimitives.WriteInt32LittleEndian(output.GetSpan(sizeof(int)), length);
        output.Advance(sizeof(int));
    }
}
