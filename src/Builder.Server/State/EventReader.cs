using System.Buffers.Binary;
using System.Text;
using Builder.Analysis.Difference;
using Builder.Analysis.Values;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Scheduling;

namespace Builder.Server.State;

/// <summary>Reads what <see cref="EventWriter"/> wrote. The bytes are checked by their checksum before they come here.</summary>
internal ref struct EventReader(ReadOnlySpan<byte> input, int version)
{
    [ThreadStatic]
    private static KnownPlatform? lastPlatform;

    private ReadOnlySpan<byte> rest = input;

    /// <param name="version">Of the file that it stands in.</param>
    /// <exception cref="InvalidDataException">Not an event of this version.</exception>
    public static SchedulerEvent Read(ReadOnlySpan<byte> input, int version = JournalRecord.Version)
    {
        var reader = new EventReader(input, version);
        var change = reader.Event();
        return reader.rest.IsEmpty ? change : throw new InvalidDataException($"{reader.rest.Length} bytes follow the event");
    }

    private SchedulerEvent Event()
    {
        var kind = (EventKind)Byte();
        return kind switch
        {
            EventKind.JobScheduled => new SchedulerEvent.JobScheduled(ScheduledJob()),
            EventKind.JobUnscheduled => new SchedulerEvent.JobUnscheduled(Name()),
            EventKind.NextChanged => new SchedulerEvent.NextChanged(Name(), Time(), (Period)Byte()),
            EventKind.QueueOpened => new SchedulerEvent.QueueOpened(Platform(), Long()),
            EventKind.Enqueued => new SchedulerEvent.Enqueued(Platform(), Name(), Position(), Int(), Time()),
            EventKind.PlatformDropped => new SchedulerEvent.PlatformDropped(Platform(), Time(), Bool()),
            EventKind.PlatformUndropped => new SchedulerEvent.PlatformUndropped(Platform()),
            EventKind.JobSuspended => new SchedulerEvent.JobSuspended(Platform(), ScheduledJob()),
            EventKind.EntrySuspended => new SchedulerEvent.EntrySuspended(Platform(), Name(), Bool(), Int()),
            EventKind.LeaseGranted => new SchedulerEvent.LeaseGranted(Lease()),
            EventKind.LeaseReturned => new SchedulerEvent.LeaseReturned(Uuid()),
            EventKind.BuildRecorded => version > 4 ? BuildRecorded() : new SchedulerEvent.BuildRecorded(SpooledBuild(), Bool()),
            EventKind.RepetitionQueued => new SchedulerEvent.RepetitionQueued(Repetition(), Bool()),
            EventKind.WorkerDrained => new SchedulerEvent.WorkerDrained(Text()),
            EventKind.WorkerUndrained => new SchedulerEvent.WorkerUndrained(Text()),
            EventKind.GoodBuildKept => new SchedulerEvent.GoodBuildKept(Repetition()),
            EventKind.BuildUploaded => new SchedulerEvent.BuildUploaded(Uuid()),
            EventKind.QueueClosed => new SchedulerEvent.QueueClosed(Platform()),
            EventKind.StateFileSeen => new SchedulerEvent.StateFileSeen(Text()),
            _ => throw new InvalidDataException($"event kind {(byte)kind} is not known: a later version wrote this"),
        };
    }

    private SchedulerEvent.BuildRecorded BuildRecorded()
    {
        var (build, next, good) = (SpooledBuild(), RepetitionOrNull(), RepetitionOrNull());
        return new SchedulerEvent.BuildRecorded(build, Bool(), next, good);
    }

    private ScheduledJob ScheduledJob()
    {
        var name = Name();
        var period = (Period)Byte();
        var next = Time();
        var added = Time();
        var options = Options();
        Job job = Byte() == 0 ? new ScriptJob(name.Bytes, ByteString(), ByteString()) : new OrbBuildJob(name.Bytes, ByteString());
        return new ScheduledJob(name, job, period, next, added, options);
    }

    private Lease Lease()
    {
        var lease = new Lease(
            Uuid(),
            Name(),
            Platform(),
            new ScriptJob(ByteString(), ByteString(), ByteString()),
            Time(),
            Int(),
            Text(),
            Options()
        );
        if (version > 4)
            lease = lease with { Repetition = RepetitionOrNull() };
        return version > 6 ? lease with { Token = ByteString() } : lease;
    }

    private Repetition? RepetitionOrNull() => Bool() ? Repetition() : null;

    private Repetition Repetition()
    {
        var repetition = new Repetition(
            Uuid(),
            Name(),
            Platform(),
            new ScriptJob(ByteString(), ByteString(), ByteString()),
            Options(),
            Time(),
            Sha256Digest.FromBytes(Bytes(Sha256Digest.SizeInBytes).ToArray()),
            Bool() ? Long() : null,
            Text(),
            (Variations)Int(),
            Time()
        )
        {
            Remaining = Int(),
            Attempts = Int(),
            Workers = Text(),
        };
        return repetition with
        {
            OnWorker = Bool() ? Text() : null,
            Bisection = Bool() ? new Bisection((Variations)Int(), (Variations)Int(), Bool()) : null,
        };
    }

    private RebuildPolicy Rebuild() =>
        new RebuildPolicy(Bool() ? Int() : null, Bool() ? (Variations)Int() : null, Bool(), Bool(), (Recheck)Byte()) is var policy
        && policy == RebuildPolicy.Default
            ? RebuildPolicy.Default
            : policy;

    private JobOptions Options()
    {
        var priority = Int();
        var limit = Long();
        var owner = Text();
        var cron = Text();
        var options = new JobOptions(
            priority,
            limit < 0 ? null : TimeSpan.FromTicks(limit),
            owner,
            cron.Length == 0 ? null : cron,
            version > 1 ? Limits() : null
        )
        {
            Expected = version > 2 ? Expected() : ExpectedDifferences.None,
            Publish = version > 3 ? Publish() : null,
            Rebuild = version > 4 ? Rebuild() : RebuildPolicy.Default,
            Budget = version > 5 ? Budget() : null,
        };
        return options == JobOptions.Default ? JobOptions.Default : options;
    }

    private ExpectedDifferences Expected()
    {
        var all = new List<ExpectedDifference>();
        for (var count = Int(); count > 0; count--)
            all.Add(
                ExpectedDifference.TryCreate(Text(), Text(), out var expected, out var reason)
                    ? expected
                    : throw new InvalidDataException(reason)
            );
        return ExpectedDifferences.Of(all);
    }

    private JobBudget? Budget()
    {
        if (!Bool())
            return null;
        var (size, growth, time) = (Long(), Int(), Long());
        return new JobBudget(size < 0 ? null : size, growth < 0 ? null : growth, time < 0 ? null : TimeSpan.FromTicks(time));
    }

    private PublishRule? Publish() => Int() is var by and > 0 ? new PublishRule(by, Bool()) : null;

    private JobLimits? Limits()
    {
        var limits = new JobLimits
        {
            MaxProcesses = Limit(),
            MaxMemoryBytes = Limit(),
            MaxDiskBytes = Limit(),
            MaxConsoleBytes = Limit(),
            MaxArtifacts = Limit(),
            MaxArtifactBytes = Limit(),
        };
        return limits.Any ? limits : null;
    }

    private long? Limit() => Long() is var limit and >= 0 ? limit : null;

    private SpooledBuild SpooledBuild()
    {
        var build = new SpooledBuild(Uuid(), Name(), Platform(), Time());
        if (version > 1)
            build = build with { Checksums = ByteString() };
        if (version > 4 && Text() is { Length: > 0 } header)
            build = RepetitionHeader.TryRead(header, out var repetition)
                ? build with
                {
                    Repetition = repetition,
                }
                : throw new InvalidDataException("what a build repeats cannot be read");
        return build;
    }

    private QueuePosition Position() => new(Bool(), Long(), Int(), Long());

    private JobName Name() => JobName.Parse(Text());

    /// <summary>A few platforms stand in many events: the last one is likely to come again.</summary>
    private Platform Platform()
    {
        var bytes = Bytes(Length());
        if (lastPlatform is { } last && bytes.SequenceEqual(last.Bytes.Span))
            return last.Platform;
        var platform = Protocol.Values.Platform.Parse(Encoding.UTF8.GetString(bytes));
        lastPlatform = new KnownPlatform(platform, platform.Bytes);
        return platform;
    }

    private Timestamp Time() => new(Long());

    private BuildUuid Uuid() => BuildUuid.FromBytes(Bytes(BuildUuid.SizeInBytes));

    private byte Byte() => Bytes(1)[0];

    private bool Bool() => Byte() != 0;

    private long Long() => BinaryPrimitives.ReadInt64LittleEndian(Bytes(sizeof(long)));

    private int Int() => checked((int)Long());

    private string Text() => Encoding.UTF8.GetString(Bytes(Length()));

    private ByteString ByteString() => new(Bytes(Length()).ToArray());

    private int Length() => BinaryPrimitives.ReadInt32LittleEndian(Bytes(sizeof(int)));

    private ReadOnlySpan<byte> Bytes(int count)
    {
        if (count < 0 || count > rest.Length)
            throw new InvalidDataException($"the event ends early: {count} bytes wanted, {rest.Length} left");
        var bytes = rest[..count];
        rest = rest[count..];
        return bytes;
    }

    private sealed record KnownPlatform(Platform Platform, ByteString Bytes);
}
