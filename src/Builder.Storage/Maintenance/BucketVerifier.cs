using System.Runtime.CompilerServices;
using Builder.Analysis.Values;
using Builder.Objects.Transfer;
using Builder.Protocol.Values;
using Builder.Storage.Artifacts;
using Builder.Storage.Buckets;
using Builder.Storage.Files;
using Builder.Storage.Packing;
using Builder.Storage.Sweeping;

namespace Builder.Storage.Maintenance;

/// <summary>Compares rows with the objects of a bucket, both ways, reading every byte.</summary>
internal sealed class BucketVerifier(Verification verification, BuilderStorage storage, ObjectClient client, DateTimeOffset now)
{
    private readonly DateTimeOffset oldest = now - BucketContents.Grace;

    public async IAsyncEnumerable<Finding> VerifyAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var contents = storage.RemoteContents!;
        await foreach (var page in new BucketContents(client, storage.Database).PagesAsync(BucketKeys.Artifacts, cancellationToken))
        {
            var there = new HashSet<Sha256Digest>();
            foreach (var (digest, info) in page.Objects)
            {
                verification.CountOne();
                if (digest is { } one)
                    there.Add(one);
                if (await ContentAsync(contents, digest, info, page, cancellationToken) is { } finding)
                    yield return finding;
            }
            foreach (var (digest, row) in page.Rows.Where(row => !there.Contains(row.Key)))
            {
                if (await ConfirmMissingAsync(digest, cancellationToken) is { } missing)
                    yield return missing;
            }
        }
        await foreach (var finding in FoldersAsync(cancellationToken))
            yield return finding;
    }

    /// <summary>Where <see cref="FetchAsync"/> puts the files of builds.</summary>
    public DataDirectory Copies { get; } = new(Path.Combine(storage.Directory.Copies, BucketKeys.Builds));

    /// <summary>Fetches the objects of one build, comparing them with their hashes, and keeps the copies until the result is disposed.</summary>
    public async Task<Fetched> FetchAsync(VerifiedBuild build, CancellationToken cancellationToken)
    {
        var fetched = new Fetched();
        await foreach (var one in client.ListAsync($"{BucketKeys.Builds}{build.Folder}/", cancellationToken))
        {
            try
            {
                if (await storage.BuildFiles.OpenAsync(one.Key[BucketKeys.Builds.Length..], cancellationToken) is { } file)
                    fetched.Held.Add(file);
                verification.CountBytes(one.Length);
            }
            catch (DamagedObjectException exception)
            {
                fetched.Findings.Add(new Finding(FindingKind.Changed, one.Key, exception.Message));
            }
        }
        return fetched;
    }

    internal sealed class Fetched : IAsyncDisposable
    {
        public List<Finding> Findings { get; } = [];

        public List<FileStream> Held { get; } = [];

        public async ValueTask DisposeAsync()
        {
            foreach (var file in Held)
                await file.DisposeAsync();
        }
    }

    private async Task<Finding?> ContentAsync(
        IRemoteContents contents,
        Sha256Digest? digest,
        ObjectInfo info,
        BucketContents.Page page,
        CancellationToken cancellationToken
    )
    {
        if (digest is not { } content || !page.Rows.TryGetValue(content, out var row))
            return info.LastModified > oldest ? null : await ConfirmExtraAsync(digest, info.Key, cancellationToken);
        if ((row.Smallest, row.Largest) != (info.Length, info.Length))
            return new Finding(FindingKind.Changed, info.Key, $"it has {info.Length} bytes, the table build_artifact says {row.Smallest}");
        try
        {
            await contents.CheckAsync(
                content,
                count =>
                {
                    verification.CountBytes(count);
                    return ValueTask.CompletedTask;
                },
                cancellationToken
            );
            return null;
        }
        catch (DamagedContentException exception)
        {
            return new Finding(FindingKind.Changed, info.Key, exception.Reason);
        }
    }

    private Task<Finding?> ConfirmMissingAsync(Sha256Digest digest, CancellationToken cancellationToken) =>
        verification.UnderLockAsync(
            async session =>
            {
                var build = await session.QueryFirstAsync(
                    "SELECT build.uuid FROM build_artifact JOIN build ON build.id = build_artifact.build WHERE build_artifact.sha256 = @digest LIMIT 1",
                    static row => row.Text(0),
                    cancellationToken,
                    ("@digest", digest)
                );
                return build is null || await client.HeadAsync(BucketKeys.OfArtifact(digest), cancellationToken) is not null
                    ? null
                    : new Finding(FindingKind.Missing, BucketKeys.OfArtifact(digest), $"an artifact of build {build} has this content");
            },
            cancellationToken
        );

    private Task<Finding?> ConfirmExtraAsync(Sha256Digest? digest, string key, CancellationToken cancellationToken) =>
        verification.UnderLockAsync(
            async session =>
                digest is { } content
                && (
                    await PackedRows.IsNeededAsync(session, content, cancellationToken)
                    || await FileSweeper.IsPendingAsync(session, content, cancellationToken)
                )
                    ? null
                    : await PutAsideAsync(
                        new Finding(
                            FindingKind.Extra,
                            key,
                            digest is null ? "this is no artifact's name" : "no build has an artifact of this content"
                        ),
                        key,
                        cancellationToken
                    ),
            cancellationToken
        );

    private async IAsyncEnumerable<Finding> FoldersAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var info in client.ListAsync(BucketKeys.Builds, cancellationToken))
        {
            if (info.LastModified > oldest)
                continue;
            var finding = await verification.UnderLockAsync(
                async session =>
                    info.Key.Split('/') is [_, var job, var name, ..]
                    && BuildUuid.TryParse(name, out _)
                    && (
                        await session.AnyAsync(
                            "SELECT 1 FROM build JOIN job ON job.id = build.job WHERE build.uuid = @uuid AND job.name = @job",
                            cancellationToken,
                            ("@uuid", name),
                            ("@job", job)
                        ) || await FileSweeper.IsPendingAsync(session, $"{job}/{name}", cancellationToken)
                    )
                        ? null
                        : await PutAsideAsync(
                            new Finding(FindingKind.Extra, info.Key, "no build has this file"),
                            info.Key,
                            cancellationToken
                        ),
                cancellationToken
            );
            if (finding is not null)
                yield return finding;
        }
    }

    /// <summary>With repairs on: moves it to where the operator finds it.</summary>
    private async Task<Finding> PutAsideAsync(Finding finding, string key, CancellationToken cancellationToken)
    {
        if (!verification.Repair)
            return finding;
        var target = $"lost/{Guid.NewGuid():N}-{key[(key.LastIndexOf('/') + 1)..]}";
        await client.CopyAsync(key, target, cancellationToken);
        await client.DeleteAsync(key, cancellationToken);
        return finding with { Repaired = $"moved to {target}" };
    }
}
