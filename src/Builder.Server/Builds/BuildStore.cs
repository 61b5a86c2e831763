using Builder.Posix;
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
        PrivateFiles.CreateDirectory(place);
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
        // The directories come first, so that syncing the file takes them along: each sync is milliseconds that the worker waits.
        var isNewJob = !Directory.Exists(directory.OfJob(lease.Name));
        PrivateFiles.CreateDirectory(directory.OfBuild(lease.Name, lease.Uuid));
        try
        {
            await WriteAsync(build, finished, result, artifacts, cancellationToken);
        }
        catch
        {
            RemoveEmpty(lease);
            throw;
        }
        DurableFiles.SyncDirectory(directory.OfBuild(lease.Name, lease.Uuid));
        DurableFiles.SyncDirectory(directory.OfJob(lease.Name));
        if (isNewJob)
            DurableFiles.SyncDirectory(directory.Path);
        return finished;
    }

    private async Task WriteAsync(
        RunningBuild build, Timestamp finished, ExecutionResult result, ArtifactSource artifacts, CancellationToken cancellationToken)
    {
        var lease = build.Lease;
        var written = Path.Combine(directory.OfRunning(lease.Uuid), "full");
        await using (var stream = PrivateFiles.Open(written, FileMode.Create, bufferSize: 0))
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
        File.Move(written, directory.FullFile(lease.Name, lease.Uuid));
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
    public void ForgetAll()
    {
        if (Directory.Exists(directory.Running))
            Directory.Delete(directory.Running, recursive: true);
        PrivateFiles.CreateDirectory(directory.Running);
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
}
