using System.Runtime.CompilerServices;
using Builder.Protocol.Der;
using Builder.Protocol.Streaming;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Files;
using Builder.Storage.Ingestion;
using Builder.Storage.Sweeping;

namespace Builder.Storage.Maintenance;

/// <summary>Each <c>JOB/UUID</c> must be the folder of a build; one that is a build's under another name is misplaced.</summary>
internal sealed class BuildFolderVerifier(Verification verification)
{
    private readonly DataDirectory directory = verification.Directory;

    public async IAsyncEnumerable<Finding> VerifyAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var job in DirectoryEntries.Of(directory.Root))
        {
            // Names with "_" are the data directory's own; behind a link the operator may keep what we must not move.
            if (DirectoryEntries.KindOf(job) != EntryKind.Directory || job.Name.StartsWith('_') || job.Name == "lost+found")
                continue;
            await foreach (var finding in JobFolderAsync(job, cancellationToken))
                yield return finding;
        }
    }

    private async IAsyncEnumerable<Finding> JobFolderAsync(FileSystemInfo job, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IReadOnlyList<FileSystemInfo> entries = [];
        Finding? unreadable = null;
        try
        {
            entries = DirectoryEntries.Of(job.FullName);
        }
        catch (UnauthorizedAccessException exception)
        {
            unreadable = new Finding(FindingKind.Unreadable, job.Name, exception.Message);
        }
        if (unreadable is not null)
            yield return unreadable;
        var isJob = await IsJobAsync(job.Name, cancellationToken);
        foreach (var entry in entries)
        {
            // What the operator keeps here besides is none of ours.
            if (
                (isJob || BuildUuid.TryParse(entry.Name, out _))
                && await ConfirmAsync(job.Name, entry.FullName, cancellationToken) is { } finding
            )
                yield return finding;
        }
    }

    private async Task<Finding?> ConfirmAsync(string job, string path, CancellationToken cancellationToken)
    {
        await using (var session = await verification.Database.OpenReadAsync(cancellationToken))
        {
            if (await IsFolderOfBuildAsync(session, job, path, cancellationToken))
                return null;
        }
        return await verification.UnderLockAsync(
            async session =>
            {
                var kind = DirectoryEntries.KindOf(path);
                if (kind == EntryKind.Absent || await FileSweeper.IsPendingAsync(session, verification.Relative(path), cancellationToken))
                    return null;
                if (
                    await IsFolderOfBuildAsync(session, job, path, cancellationToken)
                    || await IsNamedByRowAsync(session, path, cancellationToken)
                )
                    return null;
                if (kind == EntryKind.Directory && await HomeAsync(session, path, cancellationToken) is { } home)
                    return Misplaced(path, home);
                return verification.PutAside(
                    new Finding(FindingKind.Extra, verification.Relative(path), $"job \"{job}\" has no such build"),
                    path
                );
            },
            cancellationToken
        );
    }

    /// <summary>A link in a folder's place is the operator's way to put builds elsewhere.</summary>
    private static async Task<bool> IsFolderOfBuildAsync(
        DatabaseSession session,
        string job,
        string path,
        CancellationToken cancellationToken
    ) =>
        DirectoryEntries.KindOf(path) is EntryKind.Directory or EntryKind.Link
        && await session.AnyAsync(
            "SELECT 1 FROM build JOIN job ON job.id = build.job WHERE build.uuid = @uuid AND job.name = @job",
            cancellationToken,
            ("@uuid", Path.GetFileName(path)),
            ("@job", job)
        );

    /// <summary>Whatever is wrong with such a row, its files must stay where it says.</summary>
    private Task<bool> IsNamedByRowAsync(DatabaseSession session, string path, CancellationToken cancellationToken) =>
        session.AnyAsync(
            "SELECT 1 FROM build WHERE console = @console OR script = @script",
            cancellationToken,
            ("@console", verification.Relative(path) + "/console.txt"),
            ("@script", verification.Relative(path) + "/script.txt")
        );

    private async Task<bool> IsJobAsync(string name, CancellationToken cancellationToken)
    {
        await using var session = await verification.Database.OpenReadAsync(cancellationToken);
        return await session.AnyAsync("SELECT 1 FROM job WHERE name = @name", cancellationToken, ("@name", name));
    }

    private Finding Misplaced(string path, string home)
    {
        var misplaced = new Finding(
            FindingKind.Misplaced,
            verification.Relative(path),
            $"this is the folder that belongs at {verification.Relative(home)}"
        );
        if (!verification.Repair)
            return misplaced;
        verification.Files.CreateDirectory(Path.GetDirectoryName(home)!);
        verification.Files.Move(path, home);
        return misplaced with { Repaired = "moved there" };
    }

    /// <summary>Where a folder belongs by its exec, or else by its name; null where that build has its folder, or there is no such build.</summary>
    private async Task<string?> HomeAsync(DatabaseSession session, string path, CancellationToken cancellationToken)
    {
        if (
            await UuidOfExecAsync(Path.Combine(path, ExecSkeleton.FileName), cancellationToken) is not { } uuid
            && !BuildUuid.TryParse(Path.GetFileName(path), out uuid)
        )
            return null;
        var job = await session.QueryFirstAsync(
            "SELECT job.name FROM build JOIN job ON job.id = build.job WHERE build.uuid = @uuid",
            static row => row.Text(0),
            cancellationToken,
            ("@uuid", uuid)
        );
        if (!JobName.TryParse(job, out var name, out _))
            return null;
        var home = directory.OfBuild(name, uuid);
        return DirectoryEntries.KindOf(home) == EntryKind.Absent ? home : null;
    }

    private static async Task<BuildUuid?> UuidOfExecAsync(string exec, CancellationToken cancellationToken)
    {
        if (DirectoryEntries.KindOf(exec) != EntryKind.File)
            return null;
        try
        {
            await using var file = File.OpenRead(exec);
            return (await new ExecReader(file, ExecLimits.Default).ReadHeadAsync(cancellationToken)).Uuid;
        }
        catch (Exception exception) when (exception is ProtocolException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
