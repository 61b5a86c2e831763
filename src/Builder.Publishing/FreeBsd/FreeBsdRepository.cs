using System.Text;
using Builder.Publishing.Files;
using Builder.Publishing.Repositories;
using Builder.Publishing.Signing;

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

    public async Task<IReadOnlyList<PublishedPackage>> ListAsync(string abi, CancellationToken cancellation) =>
        snapshots.Current(abi) is { } current ? [.. (await ReadAsync(current, cancellation)).Packages(abi)] : [];

    /// <summary>Publishes builds in one step per ABI; the outcomes are in the order of the builds.</summary>
    /// <exception cref="RepositoryException">The repository cannot be written or signed; it is as it was.</exception>
    public async Task<IReadOnlyList<PublishOutcome>> PublishAsync(IReadOnlyList<PublishableBuild> builds, CancellationToken cancellation)
    {
        using var held = await RepositoryLock.TakeAsync(settings.Directory, clock, cancellation);
        var edits = new SortedDictionary<string, Catalog>(StringComparer.Ordinal);
        var changed = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        var outcomes = new List<PublishOutcome>();
        foreach (var build in builds)
        {
            try
            {
                outcomes.Add(await AddAsync(build, edits, changed, cancellation));
            }
            catch (PackageException exception)
            {
                outcomes.Add(PublishOutcome.Refused(exception.Message));
            }
        }
        foreach (var (abi, names) in changed)
            await WriteAsync(abi, edits[abi], $"publish {string.Join(", ", names.Take(5))}", null, cancellation);
        return outcomes;
    }

    /// <summary>Offers again what an earlier snapshot did, as a new one.</summary>
    /// <param name="to">A snapshot's number; null: the one before the current.</param>
    public async Task<Snapshot> RollbackAsync(string abi, int? to, CancellationToken cancellation)
    {
        using var held = await RepositoryLock.TakeAsync(settings.Directory, clock, cancellation);
        if (!Abis.Contains(abi))
            throw new RepositoryException($"there is no ABI \"{abi}\"; there are: {string.Join(", ", Abis)}");
        snapshots.Sweep(abi);
        var known = snapshots.List(abi);
        var target = to is null ? Snapshot.Before(known) : known.FirstOrDefault(snapshot => snapshot.Number == to);
        if (target is null)
            throw new RepositoryException(to is null
                ? $"{abi} has no earlier snapshot"
                : $"{abi} has no snapshot {to}; there are: {string.Join(", ", known.Select(snapshot => snapshot.Number))}");
        return await WriteAsync(abi, await ReadAsync(target.Directory, cancellation), $"back to {target.ContentOf}", target.ContentOf, cancellation);
    }

    private async Task<PublishOutcome> AddAsync(
        PublishableBuild build, SortedDictionary<string, Catalog> edits, SortedDictionary<string, List<string>> changed, CancellationToken cancellation)
    {
        var binary = build.MainBinary ?? throw new PackageException("the build has no main binary");
        if (!File.Exists(binary.StoredPath))
            throw new PackageException("its stored main binary is not there any more");
        using var package = await FreeBsdPackage.OpenAsync(binary.StoredPath, cancellation);
        var manifest = package.Manifest;
        var version = PublishedVersion.Derive(manifest.Version, build.Started, binary.Sha256, PublishedVersion.FreeBsdSeparator);
        PublishOutcome? last = null;
        foreach (var abi in AbiChoice.For(manifest.Abi, build.Platform, settings.Architectures))
        {
            if (!edits.TryGetValue(abi, out var catalog))
            {
                snapshots.Sweep(abi);
                catalog = await ReadAsync(snapshots.Current(abi), cancellation);
                edits.Add(abi, catalog);
            }
            if (WhyNot(catalog.Find(abi, manifest.Name), build) is { } outcome)
            {
                last ??= outcome;
                continue;
            }
            var path = $"All/{manifest.Name}-{version}.pkg";
            var (size, sha256) = await AddToPoolAsync(package, version, abi, Path.GetFileName(path), cancellation);
            catalog.Put(manifest.CatalogLine(version, path, size, sha256, build));
            if (!changed.TryGetValue(abi, out var names))
                changed.Add(abi, names = []);
            names.Add(manifest.Name);
            last = new PublishOutcome(
                PublishState.Published, $"published as {manifest.Name} {version} for {manifest.Abi}", catalog.Find(abi, manifest.Name));
        }
        return last!;
    }

    private PublishOutcome? WhyNot(PublishedPackage? there, PublishableBuild build)
    {
        if (there is null)
            return null;
        if (there.Sha256 == build.MainBinary!.Sha256)
            return new PublishOutcome(PublishState.AlreadyPublished, $"the same package is published as {there.Name} {there.Version}", there);
        if (settings.NamesBelongToJobs && there.Job != build.Job.Value)
            return PublishOutcome.Refused($"package {there.Name} belongs to job {there.Job}, which published it first");
        return PublishedVersion.TryParse(there.Version, out var buildTime, out _)
            && string.CompareOrdinal(buildTime, PublishedVersion.BuildTime(build.Started)) > 0
                ? new PublishOutcome(PublishState.Superseded, $"a newer build is published: {there.Name} {there.Version}")
                : null;
    }

    private string PoolOf(string abi) => Path.Combine(settings.Directory, ".pool", abi);

    private async Task<(long Size, string Sha256)> AddToPoolAsync(
        FreeBsdPackage package, string version, string abi, string name, CancellationToken cancellation)
    {
        var aside = snapshots.NewIncoming("package.pkg");
        (long, string) written;
        await using (var file = new FileStream(aside, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
        {
            written = await package.WriteAsync(file, version, cancellation);
            await file.FlushAsync(cancellation);
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

    private async Task<Snapshot> WriteAsync(string abi, Catalog catalog, string note, int? contentOf, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var built = snapshots.NewIncoming("catalog");
        Directory.CreateDirectory(built);
        var packageSite = catalog.PackageSite();
        await Durable.WriteNewAsync(Path.Combine(built, CatalogFile), packageSite, cancellation);
        var archive = new CatalogArchive(signer, publicKey);
        await archive.WriteAsync(built, "packagesite", "packagesite.yaml", packageSite, cancellation);
        Checkpoint("packagesite");
        await archive.WriteAsync(built, "data", "data", catalog.Data(), cancellation);
        Checkpoint("data");
        await Durable.WriteNewAsync(Path.Combine(built, "meta.conf"), Meta(), cancellation);
        FileTimes.MoveOn(built, snapshots.Current(abi), now);
        File.CreateSymbolicLink(Path.Combine(built, "All"), $"../../../.pool/{abi}");
        var snapshot = await snapshots.GoLiveAsync(abi, built, now, note, contentOf, Checkpoint, cancellation);
        if (snapshots.Prune(abi, settings.Retention, now))
            await RemoveUnnamedFromPoolAsync(abi, cancellation);
        return snapshot;
    }

    private async Task RemoveUnnamedFromPoolAsync(string abi, CancellationToken cancellation)
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var snapshot in Snapshots(abi))
            named.UnionWith((await ReadAsync(snapshot.Directory, cancellation)).Packages(abi).Select(package => Path.GetFileName(package.FileName)));
        foreach (var file in Directory.EnumerateFiles(PoolOf(abi), "*.pkg").Where(file => !named.Contains(Path.GetFileName(file))))
            File.Delete(file);
    }

    /// <summary>Format version 2, as pkg 1.13 and later write it.</summary>
    private static byte[] Meta() => Encoding.ASCII.GetBytes(
        """
        version = 2;
        packing_format = "tzst";
        manifests = "packagesite.yaml";
        data = "data";
        filesite = "filesite.yaml";
        manifests_archive = "packagesite";
        filesite_archive = "filesite";

        """);

    private static Task<Catalog> ReadAsync(string? snapshot, CancellationToken cancellation) =>
        Catalog.ReadAsync(Path.Combine(snapshot ?? "", CatalogFile), cancellation);
}
