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
            case SchedulerEvent.BuildRecorded(var build, var spooled, var next, var good):
                Put(EventKind.BuildRecorded);
                Put(build.Uuid);
                Put(build.Name.Value);
                Put(build.Platform.Value);
                Put(build.Finished.Ticks);
                Put(build.Checksums);
                Put(build.Repetition?.Write() ?? "");
                PutOrNothing(next);
                PutOrNothing(good);
                Put(spooled);
                break;
            case SchedulerEvent.RepetitionQueued(var repetition, var atFront):
                Put(EventKind.RepetitionQueued);
                Put(repetition);
                Put(atFront);
                break;
            case SchedulerEvent.WorkerDrained(var worker):
                Put(EventKind.WorkerDrained);
                Put(worker);
                break;
            case SchedulerEvent.WorkerUndrained(var worker):
                Put(EventKind.WorkerUndrained);
                Put(worker);
                break;
            case SchedulerEvent.GoodBuildKept(var kept):
                Put(EventKind.GoodBuildKept);
                Put(kept);
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
        PutOrNothing(lease.Repetition);
        Put(lease.Token);
    }

    private void PutOrNothing(Repetition? repetition)
    {
        Put(repetition is not null);
        if (repetition is not null)
            Put(repetition);
    }

    private void Put(Repetition repetition)
    {
        Put(repetition.Repeats);
        Put(repetition.Name.Value);
        Put(repetition.Platform.Value);
        Put(repetition.Job.Name);
        Put(repetition.Job.Platform);
        Put(repetition.Job.Script);
        Put(repetition.Options);
        Put(repetition.Built.Ticks);
        output.Write(repetition.Output.ToByteArray());
        Put(repetition.Date is not null);
        if (repetition.Date is { } date)
            Put(date);
        Put(repetition.FirstWorker);
        Put((long)repetition.Vary);
        Put(repetition.Since.Ticks);
        Put((long)repetition.Remaining);
        Put((long)repetition.Attempts);
        Put(repetition.Workers);
        Put(repetition.OnWorker is not null);
        if (repetition.OnWorker is { } worker)
            Put(worker);
        Put(repetition.Bisection is not null);
        if (repetition.Bisection is { } bisection)
        {
            Put((long)bisection.Suspects);
            Put((long)bisection.Tested);
            Put(bisection.HasAgreed);
        }
    }

    private void Put(RebuildPolicy policy)
    {
        Put(policy.Rebuilds is not null);
        if (policy.Rebuilds is { } rebuilds)
            Put((long)rebuilds);
        Put(policy.Vary is not null);
        if (policy.Vary is { } vary)
            Put((long)vary);
        Put(policy.OnAnyWorker);
        Put(policy.Bisect);
        Put((byte)policy.Recheck);
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
        Put(options.Rebuild);
        Put(options.Budget is not null);
        if (options.Budget is not { } budget)
            return;
        Put(budget.Size ?? -1L);
        Put((long)(budget.GrowthPermille ?? -1));
        Put(budget.Time?.Ticks ?? -1L);
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
