using System.Runtime.CompilerServices;
using Builder.Protocol.Der;
using Builder.Protocol.Streaming;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Files;
using Builder.Storage.Ingestion;
using Builder.Storage.Values;

namespace Builder.Storage.Maintenance;

/// <summary>Each build's row, and what must be in its folder: script, console, and what the exec needs.</summary>
internal sealed class BuildVerifier(Verification verification, BucketVerifier? bucket = null)
{
    private const int RowsAtOnce = 200;
    private const string Query = $"""
        SELECT build.id, job.name, build.uuid, build.platform, build.console, build.script,
            build.start_d, build.start_ps, build.finish_d, build.finish_ps, {StoredResult.Columns}
        FROM build
        LEFT JOIN job ON job.id = build.job
        WHERE build.id > @last
        ORDER BY build.id
        LIMIT @count
        """;

    /// <summary>Of a bucket's files the copies are looked at, which are made first.</summary>
    private readonly DataDirectory directory = bucket?.Copies ?? verification.Directory;

    /// <summary>What stands in a bucket is not changed from here.</summary>
    private bool Repair => bucket is null && verification.Repair;

    public async IAsyncEnumerable<Finding> VerifyAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var staging = Staging.Create(verification.Directory, verification.Files);
        var last = new BuildId(0);
        var isLast = false;
        while (!isLast)
        {
            var builds = await AfterAsync(last, cancellationToken);
            isLast = builds.Count < RowsAtOnce;
            foreach (var (id, build, complaint) in builds)
            {
                last = id;
                verification.CountOne();
                if (complaint is not null)
                    yield return complaint;
                if (build is null)
                    continue;
                foreach (var finding in await CheckAsync(build, staging, cancellationToken))
                    yield return finding;
            }
        }
        staging.Delete();
    }

    private async Task<List<(BuildId Id, VerifiedBuild? Build, Finding? Complaint)>> AfterAsync(
        BuildId last,
        CancellationToken cancellationToken
    )
    {
        await using var session = await verification.Database.OpenReadAsync(cancellationToken);
        return await session.QueryAsync(Query, Read, cancellationToken, ("@last", last), ("@count", RowsAtOnce));
    }

    private static (BuildId Id, VerifiedBuild? Build, Finding? Complaint) Read(Row row)
    {
        var (id, jobName, uuidText) = (row.BuildId(0), row.TextOrNull(1), row.Text(2));
        // A job that is not there is reported with the tables.
        if (jobName is null)
            return (id, null, null);
        var wrong = new Finding(FindingKind.Inconsistent, $"build {id.Value}", "");
        if (!JobName.TryParse(jobName, out var job, out var reason))
            return (id, null, wrong with { Description = reason });
        if (!BuildUuid.TryParse(uuidText, out var uuid) || uuid.ToString() != uuidText)
            return (id, null, wrong with { Description = $"its uuid is \"{uuidText}\"" });
        return (
            id,
            new VerifiedBuild(
                id,
                job,
                uuid,
                row.Text(3),
                row.Text(4),
                row.Text(5),
                new ExecTail(row.Timestamp(6), row.Timestamp(8), row.Result(10))
            ),
            null
        );
    }

    private async Task<List<Finding>> CheckAsync(VerifiedBuild build, Staging staging, CancellationToken cancellationToken)
    {
        if (bucket is null)
            return await CheckFilesAsync(build, staging, cancellationToken);
        await using var fetched = await bucket.FetchAsync(build, cancellationToken);
        return fetched.Findings.Count > 0 ? fetched.Findings : await CheckFilesAsync(build, staging, cancellationToken);
    }

    private string Relative(string path) => Path.GetRelativePath(directory.Root, path);

    private Finding PutAside(Finding finding, string path) => Repair ? verification.PutAside(finding, path) : finding;

    private string PutAside(string path) => verification.PutAside(path);

    private async Task<List<Finding>> CheckFilesAsync(VerifiedBuild build, Staging staging, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        foreach (var (column, path) in new[] { ("console", build.Console), ("script", build.Script) })
        {
            var isItsOwn =
                path.StartsWith(build.Folder + "/", StringComparison.Ordinal) && !path.Contains("/../", StringComparison.Ordinal);
            var finding = isItsOwn
                ? await TextAsync(build, path, cancellationToken)
                : await verification.UnderLockAsync(
                    session => WrongPathAsync(session, build, column, path, cancellationToken),
                    cancellationToken
                );
            if (finding is not null)
                findings.Add(finding);
        }
        try
        {
            findings.AddRange(await ExecAsync(build, staging, cancellationToken));
            findings.AddRange(await ExtraFilesAsync(build, cancellationToken));
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            if (await IsThereAsync(build, cancellationToken))
                findings.Add(new Finding(FindingKind.Unreadable, build.Folder, exception.Message));
        }
        return findings;
    }

    private async Task<bool> IsThereAsync(VerifiedBuild build, CancellationToken cancellationToken)
    {
        await using var session = await verification.Database.OpenReadAsync(cancellationToken);
        return await IsThereAsync(session, build, cancellationToken);
    }

    private static Task<bool> IsThereAsync(DatabaseSession session, VerifiedBuild build, CancellationToken cancellationToken) =>
        session.AnyAsync("SELECT 1 FROM build WHERE id = @id", cancellationToken, ("@id", build.Id));

    private async Task<Finding?> WrongPathAsync(
        DatabaseSession session,
        VerifiedBuild build,
        string column,
        string path,
        CancellationToken cancellationToken
    )
    {
        if (!await IsThereAsync(session, build, cancellationToken))
            return null;
        var finding = new Finding(
            FindingKind.Inconsistent,
            $"build {build.Uuid}",
            $"its {column} is said to be \"{path}\", outside its folder"
        );
        var expected = $"{build.Folder}/{column}.txt";
        if (!Repair || DirectoryEntries.KindOf(directory.Resolve(expected)) != EntryKind.File)
            return finding;
        await session.ExecuteAsync(
            $"UPDATE build SET {column} = @path WHERE id = @id",
            cancellationToken,
            ("@path", expected),
            ("@id", build.Id)
        );
        return finding with { Repaired = $"set to {expected}" };
    }

    private async Task<Finding?> TextAsync(VerifiedBuild build, string path, CancellationToken cancellationToken) =>
        DirectoryEntries.KindOf(directory.Resolve(path)) == EntryKind.File
            ? null
            : await verification.UnderLockAsync(
                async session =>
                {
                    var file = directory.Resolve(path);
                    var kind = DirectoryEntries.KindOf(file);
                    if (kind == EntryKind.File || !await IsThereAsync(session, build, cancellationToken))
                        return null;
                    var finding =
                        kind == EntryKind.Absent
                            ? new Finding(FindingKind.Missing, path, $"it belongs to build {build.Uuid}")
                            : new Finding(FindingKind.Changed, path, $"{DirectoryEntries.Describe(file)} is in the place of the file");
                    return await WriteAnewAsync(finding, path, kind, cancellationToken);
                },
                cancellationToken
            );

    private async Task<Finding> WriteAnewAsync(Finding finding, string path, EntryKind inItsPlace, CancellationToken cancellationToken)
    {
        if (!Repair)
            return finding;
        string? aside = null;
        var isWritten = await new LostTexts(directory, verification.Files).TryRestoreAsync(
            path,
            () => aside = inItsPlace == EntryKind.Absent ? null : PutAside(directory.Resolve(path)),
            cancellationToken
        );
        if (!isWritten)
            return finding;
        return finding with { Repaired = "written anew from the kept exec" + (aside is null ? "" : $", what was there moved to {aside}") };
    }

    private async Task<List<Finding>> ExecAsync(VerifiedBuild build, Staging staging, CancellationToken cancellationToken)
    {
        var folder = directory.Resolve(build.Folder);
        var path = $"{build.Folder}/{ExecSkeleton.FileName}";
        switch (DirectoryEntries.KindOf(Path.Combine(folder, ExecSkeleton.FileName)))
        {
            // Builds from before version 19 have none. Where something is withheld there was one.
            case EntryKind.Absent when DirectoryEntries.Of(Path.Combine(folder, ExecSkeleton.WithheldFolder)).Count == 0:
                return [];
            case EntryKind.Absent:
                return await ConfirmAsync(
                    build,
                    new Finding(FindingKind.Missing, path, $"it belongs to build {build.Uuid}"),
                    cancellationToken
                );
            case EntryKind.Directory or EntryKind.Link or EntryKind.Special:
                return await ConfirmAsync(
                    build,
                    new Finding(
                        FindingKind.Changed,
                        path,
                        $"{DirectoryEntries.Describe(Path.Combine(folder, ExecSkeleton.FileName))} is in the place of the file"
                    ),
                    cancellationToken
                );
        }
        var exec = new KeptExec(folder, staging);
        var findings = new List<Finding>();
        try
        {
            await using var session = await verification.Database.OpenReadAsync(cancellationToken);
            if (await exec.ReadAsync(build, await build.ArtifactsAsync(session, cancellationToken), cancellationToken) is { } contradiction)
                findings.AddRange(await ConfirmAsync(build, new Finding(FindingKind.Changed, path, contradiction), cancellationToken));
        }
        catch (Exception exception) when (exception is ProtocolException or InvalidDataException)
        {
            // What cannot be read answers nothing: without it the exec is made of the tables.
            findings.AddRange(
                await ConfirmAsync(
                    build,
                    new Finding(FindingKind.Changed, path, $"it cannot be read: {exception.Message}"),
                    cancellationToken,
                    putAside: true
                )
            );
            return findings;
        }
        foreach (var (file, complaint) in exec.DamagedWithheld)
        {
            var kind = complaint.Length == 0 ? FindingKind.Missing : FindingKind.Changed;
            findings.AddRange(
                await ConfirmAsync(
                    build,
                    new Finding(kind, Relative(file), complaint.Length == 0 ? $"the exec of build {build.Uuid} needs it" : complaint),
                    cancellationToken
                )
            );
        }
        findings.AddRange(await CompareTextAsync(build, build.Script, "script.txt", exec.Script, cancellationToken));
        findings.AddRange(await CompareTextAsync(build, build.Console, "console.txt", exec.Console, cancellationToken));
        return findings;
    }

    private async Task<List<Finding>> CompareTextAsync(
        VerifiedBuild build,
        string path,
        string name,
        TextComparison? comparison,
        CancellationToken cancellationToken
    )
    {
        if (comparison is null or TextComparison.Same || path != $"{build.Folder}/{name}")
            return [];
        if (comparison == TextComparison.Different)
            return await ConfirmAsync(
                build,
                new Finding(
                    FindingKind.Changed,
                    path,
                    "it differs from what the kept exec says; which of the two was changed cannot be told. Where the exec is right, remove this and repair again"
                ),
                cancellationToken
            );
        var finding = await verification.UnderLockAsync(
            async session =>
                await IsThereAsync(session, build, cancellationToken)
                    ? await WriteAnewAsync(
                        new Finding(FindingKind.Changed, path, "it is cut off"),
                        path,
                        EntryKind.Absent,
                        cancellationToken
                    )
                    : null,
            cancellationToken
        );
        return finding is null ? [] : [finding];
    }

    private async Task<List<Finding>> ExtraFilesAsync(VerifiedBuild build, CancellationToken cancellationToken)
    {
        var folder = directory.Resolve(build.Folder);
        var findings = new List<Finding>();
        foreach (var entry in DirectoryEntries.Of(folder))
        {
            var isKnown =
                entry.Name is ExecSkeleton.FileName or ExecSkeleton.WithheldFolder or "console.txt" or "script.txt"
                || $"{build.Folder}/{entry.Name}" is var path && (path == build.Console || path == build.Script);
            // The original left empty directories behind when it moved artifacts.
            var isEmpty = DirectoryEntries.KindOf(entry) == EntryKind.Directory && DirectoryEntries.Of(entry.FullName).Count == 0;
            if (!isKnown && !isEmpty)
                findings.AddRange(
                    await ConfirmAsync(
                        build,
                        new Finding(FindingKind.Extra, Relative(entry.FullName), $"nothing of build {build.Uuid} is kept there"),
                        cancellationToken,
                        putAside: true
                    )
                );
        }
        return findings;
    }

    /// <summary>A build that was removed meanwhile took its files along. The files of one that is there never change.</summary>
    private async Task<List<Finding>> ConfirmAsync(
        VerifiedBuild build,
        Finding finding,
        CancellationToken cancellationToken,
        bool putAside = false
    )
    {
        var confirmed = await verification.UnderLockAsync(
            async session =>
            {
                if (!await IsThereAsync(session, build, cancellationToken))
                    return null;
                return putAside ? PutAside(finding, directory.Resolve(finding.Path)) : finding;
            },
            cancellationToken
        );
        return confirmed is null ? [] : [confirmed];
    }
}
