using Builder.Posix;
using Builder.Proof.Records;
using Builder.Protocol.Der;
using Builder.Protocol.Streaming;
using Builder.Protocol.Values;
using Builder.Server.Files;
using Builder.Server.Options;
using Builder.Server.Records;
using Builder.Server.Scheduling;

namespace Builder.Server.Builds;

/// <summary>Running and finished builds on disk. What is recorded here survives a power cut.</summary>
internal sealed class BuildStore(
    ServerDirectory directory,
    ServerOptions options,
    RecordMaker records,
    InputStore inputs,
    TimeProvider clock
)
{
    private readonly MainBinarySizes sizes = new(directory);

    /// <exception cref="IOException">The disk is full, for example, or there are no more file descriptors.</exception>
    public RunningBuild Begin(Lease lease)
    {
        var place = directory.OfRunning(lease.Uuid);
        PrivateFiles.CreateDirectory(place);
        var console = new LiveConsole(Path.Combine(place, "console"), LimitsOf(lease).MaxConsoleBytes ?? options.MaxConsoleSize);
        return new RunningBuild(lease, console, clock);
    }

    /// <summary>A build of an earlier run of the server, with the console as far as this server has it.</summary>
    /// <exception cref="IOException">The disk is full, for example.</exception>
    public RunningBuild Reopen(Lease lease)
    {
        var place = directory.OfRunning(lease.Uuid);
        PrivateFiles.CreateDirectory(place);
        File.Delete(Path.Combine(place, "full"));
        var console = LiveConsole.Reopen(Path.Combine(place, "console"), LimitsOf(lease).MaxConsoleBytes ?? options.MaxConsoleSize);
        var elapsed = Timestamp.Now(clock) - lease.Started;
        return new RunningBuild(lease, console, clock, elapsed > TimeSpan.Zero ? elapsed : TimeSpan.Zero);
    }

    /// <summary>The largest upload that the web takes, as far as it says; null where it does not.</summary>
    public long? WebLimit { get; set; }

    /// <summary>What a job may leave: its own limits, where they are smaller than the server's and the web's.</summary>
    public JobLimits LimitsOf(Lease lease) =>
        options
            .JobLimits.Tightest(new JobLimits { MaxConsoleBytes = options.MaxConsoleSize })
            .Tightest(new JobLimits { MaxConsoleBytes = WebLimit / 2, MaxArtifactBytes = WebLimit })
            .Tightest(lease.Options.Limits ?? JobLimits.None);

    public bool Has(Lease lease) => File.Exists(directory.FullFile(lease.Name, lease.Uuid));

    /// <summary>Writes the build in one pass while its artifacts come in; it is on disk when this returns.</summary>
    /// <exception cref="ProtocolException">The connection that the artifacts come from broke.</exception>
    /// <exception cref="ResultRefusedException">It is more than the job may leave, or than fits.</exception>
    /// <exception cref="IOException">The disk is full, for example.</exception>
    public async Task<(SpooledBuild Build, Outcome Outcome)> RecordAsync(
        RunningBuild build,
        ExecutionResult result,
        ArtifactSource artifacts,
        CancellationToken cancellationToken
    )
    {
        var lease = build.Lease;
        var finished = build.Now;
        var limits = LimitsOf(lease);
        var consoleLength = build.Console.ToSource().ContentLength;
        var rest = consoleLength + lease.Job.Script.Length;
        ResultRoom.CheckSize(artifacts, rest, limits, WebLimit);
        var needed = artifacts.ContentLength + rest;
        ResultRoom.CheckDisk(directory.Spool, needed);
        if (options.SpoolDirectory is not null)
            return await RecordSharedAsync(build, finished, result, ResultRoom.Bounded(artifacts, limits), cancellationToken);
        // The directories come first, so that syncing the file takes them along: each sync is milliseconds that the worker waits.
        var isNewJob = !Directory.Exists(directory.OfJob(lease.Name));
        PrivateFiles.CreateDirectory(directory.OfBuild(lease.Name, lease.Uuid));
        ByteString checksums;
        Outcome outcome;
        try
        {
            var files = new BuildFiles(
                Path.Combine(directory.OfRunning(lease.Uuid), "full"),
                directory.RecordFile(lease.Name, lease.Uuid),
                directory.OutcomeFile(lease.Name, lease.Uuid)
            );
            (checksums, outcome) = await WriteAsync(
                build,
                finished,
                result,
                ResultRoom.Bounded(artifacts, limits),
                files,
                cancellationToken
            );
            File.Move(files.Full, directory.FullFile(lease.Name, lease.Uuid));
        }
        catch (Exception exception)
        {
            File.Delete(directory.RecordFile(lease.Name, lease.Uuid));
            File.Delete(directory.OutcomeFile(lease.Name, lease.Uuid));
            inputs.Remove(lease.Uuid);
            RemoveEmpty(lease);
            // Another result may have taken the room meanwhile: whether the disk is full shows when this one is out of the way.
            File.Delete(Path.Combine(directory.OfRunning(lease.Uuid), "full"));
            if (exception is IOException)
                ResultRoom.CheckDisk(directory.Spool, needed);
            throw;
        }
        DurableFiles.SyncDirectory(directory.OfBuild(lease.Name, lease.Uuid));
        DurableFiles.SyncDirectory(directory.OfJob(lease.Name));
        if (isNewJob)
            DurableFiles.SyncDirectory(directory.Spool);
        return (new SpooledBuild(lease.Uuid, lease.Name, lease.Platform, finished) { Checksums = checksums }, outcome);
    }

    /// <summary>
    /// In a spool that other servers have too, a server that does not know yet that it lost its lease may write the same build: all its files come at
    /// once, by the renaming of their directory, and the first counts.
    /// </summary>
    private async Task<(SpooledBuild Build, Outcome Outcome)> RecordSharedAsync(
        RunningBuild build,
        Timestamp finished,
        ExecutionResult result,
        ArtifactSource artifacts,
        CancellationToken cancellationToken
    )
    {
        var lease = build.Lease;
        var place = directory.OfWriting(lease.Uuid, Guid.NewGuid().ToString("N"));
        PrivateFiles.CreateDirectory(directory.Writing);
        PrivateFiles.CreateDirectory(place);
        try
        {
            var files = new BuildFiles(Path.Combine(place, "full"), Path.Combine(place, "record"), Path.Combine(place, "outcome"));
            var (checksums, outcome) = await WriteAsync(build, finished, result, artifacts, files, cancellationToken);
            DurableFiles.SyncDirectory(place);
            PrivateFiles.CreateDirectory(directory.OfJob(lease.Name));
            if (!Has(lease))
            {
                Directory.Move(place, directory.OfBuild(lease.Name, lease.Uuid));
                DurableFiles.SyncDirectory(directory.OfJob(lease.Name));
                DurableFiles.SyncDirectory(directory.Spool);
                return (new SpooledBuild(lease.Uuid, lease.Name, lease.Platform, finished) { Checksums = checksums }, outcome);
            }
        }
        catch (IOException) when (Has(lease))
        {
            // Another server was quicker.
        }
        finally
        {
            if (Directory.Exists(place))
                Directory.Delete(place, recursive: true);
        }
        return await FindAsync(lease, cancellationToken);
    }

    /// <summary>A build that is on disk already, as a server left it that was killed just then.</summary>
    public async Task<(SpooledBuild Build, Outcome Outcome)> FindAsync(Lease lease, CancellationToken cancellationToken)
    {
        await using var file = OpenFull(lease.Name, lease.Uuid, ByteString.Empty);
        var checksums = await PieceChecksums.OfAsync(file, cancellationToken);
        var outcome = directory.OutcomeFile(lease.Name, lease.Uuid);
        return (
            new SpooledBuild(lease.Uuid, lease.Name, lease.Platform, Timestamp.Now(clock)) { Checksums = checksums },
            File.Exists(outcome) ? OutcomeFile.Read(await File.ReadAllBytesAsync(outcome, cancellationToken)) : Outcome.None
        );
    }

    private async Task<(ByteString Checksums, Outcome Outcome)> WriteAsync(
        RunningBuild build,
        Timestamp finished,
        ExecutionResult result,
        ArtifactSource artifacts,
        BuildFiles files,
        CancellationToken cancellationToken
    )
    {
        var lease = build.Lease;
        ByteString checksums;
        var outcome = Outcome.None;
        var keepsInputs = RepetitionPlan.KeepsInputs(lease, options.Rebuilding);
        var recorded = new RecordedInputs(keepsInputs);
        using var list = new ArtifactListDigest();
        await using (var file = new SummingFile(files.Full))
        {
            await ExecWriter.WriteAsync(
                file.Stream,
                new ExecHead(lease.Job, lease.Uuid),
                build.Console.ToSource(),
                new ExecTail(lease.Started, finished, result),
                HashedArtifacts.Of(artifacts, list, recorded),
                cancellationToken
            );
            // Each sync is milliseconds that the worker waits: these two go together.
            var record = records.Make(lease, finished, file.EndDigest(), file.Length, list);
            outcome = new Outcome(
                result == new ExecutionResult.Exited(0) ? recorded.MainBinary : null,
                recorded.Date,
                lease.Repetition is null ? null : build.Variations
            )
            {
                Over = Judge(lease, result == new ExecutionResult.Exited(0) ? recorded.MainBinarySize : null, finished - lease.Started),
            };
            var recording = Task.Run(() => WriteBeside(lease, files, record, keepsInputs, outcome, recorded), cancellationToken);
            checksums = file.End();
            await recording;
        }
        return (checksums, outcome);
    }

    private IReadOnlyList<BudgetExcess> Judge(Lease lease, long? size, TimeSpan took)
    {
        if (lease is not { Repetition: null, Options.Budget: { } budget })
            return [];
        if (budget.GrowthPermille is null || size is not { } bytes)
            return budget.ExcessesOf(size, null, took);
        var over = budget.ExcessesOf(bytes, sizes.Find(lease.Name, lease.Platform), took);
        sizes.Write(lease.Name, lease.Platform, bytes);
        return over;
    }

    private void WriteBeside(Lease lease, BuildFiles files, byte[] record, bool keepsInputs, Outcome outcome, RecordedInputs recorded)
    {
        Write(files.Record, record);
        if (keepsInputs && outcome.Output is not null)
            inputs.Write(lease.Uuid, recorded.Files);
        if (keepsInputs || lease.Repetition is not null)
            Write(files.Outcome, OutcomeFile.Write(outcome));
    }

    private static void Write(string path, byte[] content)
    {
        using var file = PrivateFiles.Open(path, FileMode.Create, bufferSize: 0);
        file.Write(content);
        file.Flush(flushToDisk: true);
    }

    /// <summary>What was made for a build that could not be written.</summary>
    private void RemoveEmpty(Lease lease)
    {
        try
        {
            Directory.Delete(directory.OfBuild(lease.Name, lease.Uuid));
            if (!Directory.EnumerateFileSystemEntries(directory.OfJob(lease.Name)).Any())
                Directory.Delete(directory.OfJob(lease.Name));
        }
        catch (IOException)
        {
            // Another build of the job came in between, or the disk is in trouble: an empty directory is no harm.
        }
    }

    /// <summary>Removes what a running build had on disk; observers read on from the open file.</summary>
    public void Forget(BuildUuid uuid)
    {
        var place = directory.OfRunning(uuid);
        if (Directory.Exists(place))
            Directory.Delete(place, recursive: true);
    }

    /// <summary>Removes what was left by builds that nobody finishes any more.</summary>
    public void ForgetOthers(Func<BuildUuid, bool> isKept)
    {
        PrivateFiles.CreateDirectory(directory.Running);
        foreach (var place in Directory.EnumerateDirectories(directory.Running))
        {
            if (!BuildUuid.TryParse(Path.GetFileName(place), out var uuid) || !isKept(uuid))
                Directory.Delete(place, recursive: true);
        }
        if (Directory.Exists(directory.Writing))
            Directory.Delete(directory.Writing, recursive: true);
    }

    /// <summary>The upload is done: the web has the build.</summary>
    public void Remove(JobName name, BuildUuid uuid)
    {
        var place = directory.OfBuild(name, uuid);
        if (Directory.Exists(place))
            Directory.Delete(place, recursive: true);
    }

    /// <summary>What this server signed of the build, as JSON; null for builds of earlier versions.</summary>
    public byte[]? FindRecord(SpooledBuild build) =>
        File.Exists(directory.RecordFile(build.Name, build.Uuid)) ? File.ReadAllBytes(directory.RecordFile(build.Name, build.Uuid)) : null;

    public string PathOf(SpooledBuild build) => directory.FullFile(build.Name, build.Uuid);

    public CheckedFile OpenFull(SpooledBuild build) => OpenFull(build.Name, build.Uuid, build.Checksums);

    private CheckedFile OpenFull(JobName name, BuildUuid uuid, ByteString checksums) =>
        new(
            new FileStream(
                directory.FullFile(name, uuid),
                FileMode.Open,
                FileAccess.Read,
                FileShare.Read | FileShare.Delete,
                bufferSize: 0,
                useAsync: true
            ),
            checksums
        );

    /// <summary>Where the files of a build are written.</summary>
    private readonly record struct BuildFiles(string Full, string Record, string Outcome);
}
