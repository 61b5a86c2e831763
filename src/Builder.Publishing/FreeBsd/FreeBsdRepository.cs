using System.Text;
using Builder.Publishing.Archives;
using Builder.Publishing.Files;
using Builder.Publishing.Names;
using Builder.Publishing.Options;
using Builder.Publishing.Packages;
using Builder.Publishing.Signing;
using Builder.Publishing.Snapshots;

namespace Builder.Publishing.FreeBsd;

/// <summary>
/// A repository for FreeBSD's pkg in a directory: each ABI is a link to its live snapshot, with the catalogs and <c>All/</c>,
/// the packages. A publication leaves the old state or the new one, wherever it is cut off.
/// </summary>
public sealed class FreeBsdRepository
{
    /// <summary>The catalog as we read it again; clients read the packed and signed one.</summary>
    private const string CatalogFile = ".packagesite.yaml";

    private readonly RepositorySettings settings;
    private readonly ISigner signer;
    private readonly byte[] publicKey;
    private readonly TimeProvider clock;
    private readonly SnapshotTree snapshots;

    /// <param name="publicKey">In PEM, as clients get it; its SHA-256 is the fingerprint they know.</param>
    public FreeBsdRepository(RepositorySettings settings, ISigner signer, string publicKey, TimeProvider clock)
    {
        this.settings = settings;
        this.signer = signer;
        this.publicKey = Encoding.ASCII.GetBytes(publicKey);
        this.clock = clock;
        snapshots = new SnapshotTree(settings.Directory, "");
    }

    /// <summary>Tests cut a publication off here.</summary>
    internal Action<string> Checkpoint { get; init; } = _ => { };

    public IReadOnlyList<string> Abis => snapshots.Branches();

    public IReadOnlyList<Snapshot> Snapshots(string abi) => snapshots.List(abi);

    public async Task<IReadOnlyList<PublishedPackage>> ListAsync(string abi, CancellationToken cancellationToken) =>
        snapshots.Current(abi) is { } current ? [.. (await ReadAsync(current, cancellationToken)).Packages(abi)] : [];

    /// <summary>Publishes builds in one step per ABI; the outcomes are in the order of the builds.</summary>
    /// <exception cref="RepositoryException">The repository cannot be written or signed; it is as it was.</exception>
    /// <param name="byHand">The operator names these builds: what was withdrawn goes out again.</param>
    public async Task<IReadOnlyList<PublishOutcome>> PublishAsync(
        IReadOnlyList<PublishableBuild> builds,
        CancellationToken cancellationToken,
        bool byHand = false
    )
    {
        using var held = await RepositoryLock.TakeAsync(settings.Directory, clock, cancellationToken);
        var edit = await EditAsync(cancellationToken);
        var outcomes = new List<PublishOutcome>();
        foreach (var build in builds)
        {
            try
            {
                outcomes.Add(await AddAsync(build, edit, byHand, cancellationToken));
            }
            catch (PackageException exception)
            {
                outcomes.Add(PublishOutcome.Refused(exception.Message));
            }
        }
        foreach (var (abi, names) in edit.Changed)
            await WriteAsync(abi, edit, $"publish {string.Join(", ", names.Take(5))}", null, cancellationToken);
        return outcomes;
    }

    /// <summary>Offers again what an earlier snapshot did, as a new one.</summary>
    /// <param name="to">A snapshot's number; null: the one before the current.</param>
    public async Task<Snapshot> RollbackAsync(string abi, int? to, CancellationToken cancellationToken)
    {
        using var held = await RepositoryLock.TakeAsync(settings.Directory, clock, cancellationToken);
        if (!Abis.Contains(abi))
            throw new RepositoryException($"there is no ABI \"{abi}\"; there are: {string.Join(", ", Abis)}");
        snapshots.Sweep(abi);
        var known = snapshots.List(abi);
        var target = to is null ? Snapshot.Before(known) : known.FirstOrDefault(snapshot => snapshot.Number == to);
        if (target is null)
            throw new RepositoryException(
                to is null
                    ? $"{abi} has no earlier snapshot"
                    : $"{abi} has no snapshot {to}; there are: {string.Join(", ", known.Select(snapshot => snapshot.Number))}"
            );
        var edit = await EditAsync(cancellationToken);
        var catalog = await ReadAsync(target.Directory, cancellationToken);
        edit.Catalogs.Add(abi, catalog);
        var withdrawn = catalog
            .Packages(abi)
            .Where(package =>
                edit.Names.FindWithdrawn(abi, package.Name, package.Sha256) is not null
                || !File.Exists(Path.Combine(PoolOf(abi), Path.GetFileName(package.FileName)))
            )
            .ToList();
        foreach (var package in withdrawn)
            catalog.Remove(package.Name);
        var without = withdrawn.Count == 0 ? "" : $", without {string.Join(", ", withdrawn.Select(package => package.Name))} (withdrawn)";
        return await WriteAsync(abi, edit, $"back to {target.ContentOf}{without}", target.ContentOf, cancellationToken);
    }

    /// <summary>Takes packages out of an ABI. The same bytes are published again only by hand.</summary>
    /// <param name="fits">Which; all that fit go.</param>
    /// <param name="deleteFiles">Whether the files of the packages go at once, and not with the snapshots that name them.</param>
    /// <returns>What was taken out.</returns>
    /// <exception cref="RepositoryException">There is no such ABI; or it cannot be written or signed.</exception>
    public async Task<IReadOnlyList<PublishedPackage>> RemoveAsync(
        string abi,
        Func<PublishedPackage, bool> fits,
        bool deleteFiles,
        CancellationToken cancellationToken
    )
    {
        using var held = await RepositoryLock.TakeAsync(settings.Directory, clock, cancellationToken);
        if (!Abis.Contains(abi))
            throw new RepositoryException($"there is no ABI \"{abi}\"; there are: {string.Join(", ", Abis)}");
        snapshots.Sweep(abi);
        var edit = await EditAsync(cancellationToken);
        var catalog = await ReadAsync(snapshots.Current(abi), cancellationToken);
        edit.Catalogs.Add(abi, catalog);
        var removed = catalog.Packages(abi).Where(fits).ToList();
        if (removed.Count == 0)
            return removed;
        foreach (var package in removed)
        {
            catalog.Remove(package.Name);
            edit.Names.Withdraw(new Withdrawal(package.Name, abi, package.Sha256 ?? "", clock.GetUtcNow()));
        }
        await WriteAsync(
            abi,
            edit,
            $"remove {string.Join(", ", removed.Select(package => package.Name).Take(5))}",
            null,
            cancellationToken
        );
        foreach (var package in deleteFiles ? removed : [])
            File.Delete(Path.Combine(PoolOf(abi), Path.GetFileName(package.FileName)));
        return removed;
    }

    /// <summary>Whose the names are, for people; nothing is changed.</summary>
    public async Task<IReadOnlyList<NameOwner>> OwnersAsync(CancellationToken cancellationToken) =>
        [.. settings.NameOwners, .. (await NamesAsync(cancellationToken)).Owners];

    /// <summary>Gives a name to a job, or to nobody (null), in an ABI or (null) in all.</summary>
    public async Task AssignAsync(string name, string? abi, string? job, CancellationToken cancellationToken)
    {
        using var held = await RepositoryLock.TakeAsync(settings.Directory, clock, cancellationToken);
        var names = await NamesAsync(cancellationToken);
        names.Assign(name, abi, job);
        await names.SaveAsync(cancellationToken);
    }

    private Task<PackageNames> NamesAsync(CancellationToken cancellationToken) =>
        PackageNames.LoadAsync(
            settings.Directory,
            async () =>
            {
                var published = new List<PublishedPackage>();
                foreach (var abi in Abis)
                    published.AddRange(await ListAsync(abi, cancellationToken));
                return published;
            },
            cancellationToken
        );

    private async Task<RepositoryEdit> EditAsync(CancellationToken cancellationToken)
    {
        var names = await NamesAsync(cancellationToken);
        return new RepositoryEdit(names, new NameRules(settings, names, clock.GetUtcNow()));
    }

    private async Task<PublishOutcome> AddAsync(
        PublishableBuild build,
        RepositoryEdit edit,
        bool byHand,
        CancellationToken cancellationToken
    )
    {
        var binary = build.MainBinary ?? throw new PackageException("the build has no main binary");
        if (!File.Exists(binary.StoredPath))
            throw new PackageException("its stored main binary is not there any more");
        using var package = await FreeBsdPackage.OpenAsync(binary.StoredPath, cancellationToken);
        var manifest = package.Manifest;
        var version = PublishedVersion.Derive(manifest.Version, build.Started, binary.Sha256, PublishedVersion.FreeBsdSeparator);
        PublishOutcome? last = null;
        foreach (var abi in AbiChoice.For(manifest.Abi, build.Platform, settings.Architectures))
        {
            if (!edit.Catalogs.TryGetValue(abi, out var catalog))
            {
                snapshots.Sweep(abi);
                catalog = await ReadAsync(snapshots.Current(abi), cancellationToken);
                edit.Catalogs.Add(abi, catalog);
            }
            if (edit.WhyNot(abi, manifest, build, byHand) is { } outcome)
            {
                last ??= outcome;
                continue;
            }
            var path = $"All/{manifest.Name}-{version}.pkg";
            var (size, sha256) = await AddToPoolAsync(package, version, abi, Path.GetFileName(path), cancellationToken);
            edit.Put(abi, manifest, manifest.CatalogLine(version, path, size, sha256, build), Path.GetFileName(path), build);
            last = new PublishOutcome(
                PublishState.Published,
                $"published as {manifest.Name} {version} for {manifest.Abi}",
                catalog.Find(abi, manifest.Name)
            );
        }
        return last!;
    }

    private string PoolOf(string abi) => Path.Combine(settings.Directory, ".pool", abi);

    private async Task<(long Size, string Sha256)> AddToPoolAsync(
        FreeBsdPackage package,
        string version,
        string abi,
        string name,
        CancellationToken cancellationToken
    )
    {
        var aside = snapshots.NewIncoming("package.pkg");
        (long, string) written;
        await using (var file = new FileStream(aside, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
        {
            written = await package.WriteAsync(file, version, cancellationToken);
            await file.FlushAsync(cancellationToken);
            file.Flush(flushToDisk: true);
        }
        Checkpoint("packed");
        Directory.CreateDirectory(PoolOf(abi));
        Durable.Rename(aside, Path.Combine(PoolOf(abi), name));
        Durable.SyncDirectory(PoolOf(abi));
        Durable.SyncDirectory(Path.GetDirectoryName(PoolOf(abi))!);
        Checkpoint("pooled");
        return written;
    }

    /// <summary>Names first, then the state that needs them: cut off between the two, a job has a name and can publish.</summary>
    private async Task<Snapshot> WriteAsync(
        string abi,
        RepositoryEdit edit,
        string note,
        int? contentOf,
        CancellationToken cancellationToken
    )
    {
        if (edit.Names.IsChanged)
            await edit.Names.SaveAsync(cancellationToken);
        Checkpoint("names");
        var catalog = edit.Catalogs[abi];
        var now = clock.GetUtcNow();
        var built = snapshots.NewIncoming("catalog");
        Directory.CreateDirectory(built);
        var packageSite = catalog.PackageSite();
        await Durable.WriteNewAsync(Path.Combine(built, CatalogFile), packageSite, cancellationToken);
        var archive = new CatalogArchive(signer, publicKey);
        await archive.WriteAsync(built, "packagesite", "packagesite.yaml", packageSite, cancellationToken);
        Checkpoint("packagesite");
        await archive.WriteAsync(built, "data", "data", catalog.Data(), cancellationToken);
        Checkpoint("data");
        await Durable.WriteNewAsync(Path.Combine(built, "meta.conf"), Meta(), cancellationToken);
        await new CatalogCheck(PoolOf(abi), built, publicKey).RunAsync(catalog, edit.Fresh, cancellationToken);
        FileTimes.MoveOn(built, snapshots.Current(abi), now);
        File.CreateSymbolicLink(Path.Combine(built, "All"), $"../../../.pool/{abi}");
        var snapshot = await snapshots.GoLiveAsync(abi, built, now, note, contentOf, Checkpoint, cancellationToken);
        if (snapshots.Prune(abi, settings.Retention, now))
            await RemoveUnnamedFromPoolAsync(abi, cancellationToken);
        return snapshot;
    }

    private async Task RemoveUnnamedFromPoolAsync(string abi, CancellationToken cancellationToken)
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var snapshot in Snapshots(abi))
            named.UnionWith(
                (await ReadAsync(snapshot.Directory, cancellationToken)).Packages(abi).Select(package => Path.GetFileName(package.FileName))
            );
        foreach (var file in Directory.EnumerateFiles(PoolOf(abi), "*.pkg").Where(file => !named.Contains(Path.GetFileName(file))))
            File.Delete(file);
    }

    /// <summary>Format version 2, as pkg 1.13 and later write it.</summary>
    private static byte[] Meta() =>
        Encoding.ASCII.GetBytes(
            """
            version = 2;
            packing_format = "tzst";
            manifests = "packagesite.yaml";
            data = "data";
            filesite = "filesite.yaml";
            manifests_archive = "packagesite";
            filesite_archive = "filesite";

            """
        );

    private static Task<Catalog> ReadAsync(string? snapshot, CancellationToken cancellationToken) =>
        Catalog.ReadAsync(Path.Combine(snapshot ?? "", CatalogFile), cancellationToken);
}
