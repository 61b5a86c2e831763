using Builder.Protocol;
using Builder.Protocol.Streaming;
using Builder.Server.Scheduling;
using Builder.Server.State;

namespace Builder.Server.Builds;

/// <summary>Running and finished builds on disk. What is recorded here survives a power cut.</summary>
internal sealed class BuildStore(ServerDirectory directory, ServerOptions options, TimeProvider clock)
{
    /// <exception cref="IOException">The disk is full, for example, or there are no more file descriptors.</exception>
    public RunningBuild Begin(Lease lease)
    {
        var place = directory.OfRunning(lease.Uuid);
        Directory.CreateDirectory(place);
        return new RunningBuild(lease, new LiveConsole(Path.Combine(place, "console"), options.LongestConsole), clock);
    }

    public bool Has(Lease lease) => File.Exists(directory.FullFile(lease.Name, lease.Uuid));

    /// <summary>Writes the build in one pass while its artifacts come in; it is on disk when this returns.</summary>
    /// <exception cref="ProtocolException">The connection that the artifacts come from broke.</exception>
    /// <exception cref="IOException">The disk is full, for example.</exception>
    public async Task<Timestamp> RecordAsync(
        RunningBuild build, ExecutionResult result, ArtifactSource artifacts, CancellationToken cancellationToken)
    {
        var lease = build.Lease;
        var finished = build.Now;
        var written = Path.Combine(directory.OfRunning(lease.Uuid), "full");
        await using (var stream = new FileStream(written, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            await ExecWriter.WriteAsync(
                stream,
                new ExecHead(lease.Job, lease.Uuid),
                build.Console.ToSource(),
                new ExecTail(lease.Started, finished, result),
                artifacts,
                cancellationToken);
            stream.Flush(flushToDisk: true);
        }
        Commit(lease, written);
        return finished;
    }

    /// <summary>Removes what a running build had on disk; observers read on from the open file.</summary>
    public void Forget(BuildUuid uuid)
    {
        var place = directory.OfRunning(uuid);
        if (Directory.Exists(place))
            Directory.Delete(place, recursive: true);
    }

    /// <summary>Removes what was left by builds that nobody finishes any more.</summary>
    public void ForgetAll()
    {
        if (Directory.Exists(directory.Running))
            Directory.Delete(directory.Running, recursive: true);
        Directory.CreateDirectory(directory.Running);
    }

    /// <summary>The upload is done: the web has the build.</summary>
    public void Remove(JobName name, BuildUuid uuid)
    {
        var place = directory.OfBuild(name, uuid);
        if (Directory.Exists(place))
            Directory.Delete(place, recursive: true);
    }

    public FileStream OpenFull(JobName name, BuildUuid uuid) =>
        new(directory.FullFile(name, uuid), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, useAsync: true);

    private void Commit(Lease lease, string written)
    {
        var job = directory.OfJob(lease.Name);
        if (!Directory.Exists(job))
        {
            Directory.CreateDirectory(job);
            DurableFiles.SyncDirectory(directory.Path);
        }
        var place = directory.OfBuild(lease.Name, lease.Uuid);
        Directory.CreateDirectory(place);
        File.Move(written, directory.FullFile(lease.Name, lease.Uuid));
        DurableFiles.SyncDirectory(place);
        DurableFiles.SyncDirectory(job);
    }
}
