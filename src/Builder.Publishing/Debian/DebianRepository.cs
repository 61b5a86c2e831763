using System.Text.RegularExpressions;
using Builder.Publishing.Archives;
using Builder.Publishing.Files;
using Builder.Publishing.Names;
using Builder.Publishing.Options;
using Builder.Publishing.Packages;
using Builder.Publishing.Signing;
using Builder.Publishing.Snapshots;

namespace Builder.Publishing.Debian;

/// <summary>
/// A Debian repository in a directory: <c>pool/</c> with the packages, <c>dists/PLATFORM</c> linking to the live snapshot of
/// each distribution. A publication leaves the old state or the new one, wherever it is cut off.
/// </summary>
public sealed partial class DebianRepository
{
    private readonly RepositorySettings settings;
    private readonly ISigner signer;
    private readonly TimeProvider clock;
    private readonly SnapshotTree snapshots;

    public DebianRepository(RepositorySettings settings, ISigner signer, TimeProvider clock)
    {
        this.settings = settings;
        this.signer = signer;
        this.clock = clock;
        snapshots = new SnapshotTree(settings.Directory, "dists");
    }

    /// <summary>Tests cut a publication off here.</summary>
    internal Action<string> Checkpoint { get; init; } = _ => { };

    public IReadOnlyList<string> Distributions => snapshots.Branches();

    public IReadOnlyList<Snapshot> Snapshots(string distribution) => snapshots.List(distribution);

    /// <summary>What clients see now.</summary>
    public async Task<IReadOnlyList<PublishedPackage>> ListAsync(string distribution, CancellationToken cancellationToken)
    {
        var current = snapshots.Current(distribution);
        if (current is null)
            return [];
        var packages = new SortedSet<PublishedPackage>(
            Comparer<PublishedPackage>.Create((a, b) => (a.Name, a.FileName).CompareTo((b.Name, b.FileName)))
        );
        foreach (var architecture in Architectures(current))
        {
            var index = await ReadIndexAsync(current, architecture, cancellationToken);
            packages.UnionWith(index.Entries.Select(entry => entry.ToPackage(distribution)));
        }
        return [.. packages];
    }

    /// <summary>The package that was made from a main binary with this hash, where it is offered now.</summary>
    public async Task<PublishedPackage?> FindAsync(string distribution, string sha256, CancellationToken cancellationToken)
    {
        if (!DistributionName().IsMatch(distribution) || snapshots.Current(distribution) is not { } current)
            return null;
        foreach (var architecture in Architectures(current))
        {
            var index = await ReadIndexAsync(current, architecture, cancellationToken);
            if (index.Entries.FirstOrDefault(entry => entry.Version.EndsWith(sha256, StringComparison.Ordinal)) is { } entry)
                return entry.ToPackage(distribution);
        }
        return null;
    }

    /// <summary>Publishes builds of one platform in one step; the outcomes are in the order of the builds.</summary>
    /// <exception cref="RepositoryException">The repository cannot be written or signed; it is as it was.</exception>
    /// <param name="byHand">The operator names these builds: what was withdrawn goes out again.</param>
    public async Task<IReadOnlyList<PublishOutcome>> PublishAsync(
        string distribution,
        IReadOnlyList<PublishableBuild> builds,
        CancellationToken cancellationToken,
        bool byHand = false
    )
    {
        if (!DistributionName().IsMatch(distribution))
            return
            [
                .. builds.Select(_ =>
                    PublishOutcome.Refused(
                        $"platform \"{distribution}\" cannot be the name of a distribution: letters, digits and . _ + ~ - only"
                    )
                ),
            ];
        using var held = await RepositoryLock.TakeAsync(settings.Directory, clock, cancellationToken);
        snapshots.Sweep(distribution);
        var current = snapshots.Current(distribution);
        var edit = await EditAsync(distribution, current, cancellationToken);

        var outcomes = new List<PublishOutcome>();
        foreach (var build in builds)
            outcomes.Add(await AddAsync(edit, build, byHand, cancellationToken));
        if (edit.Changed.Count > 0)
        {
            var names = string.Join(
                ", ",
                outcomes.Where(outcome => outcome.State == PublishState.Published).Select(outcome => outcome.Package!.Name).Take(5)
            );
            await WriteAsync(edit, current, $"publish {names}", null, cancellationToken);
        }
        return outcomes;
    }

    /// <summary>
    /// Offers again what an earlier snapshot did. It becomes a new one, signed and dated today: clients do not go back to an older date.
    /// </summary>
    /// <param name="to">A snapshot's number; null: the one before the current.</param>
    public async Task<Snapshot> RollbackAsync(string distribution, int? to, CancellationToken cancellationToken)
    {
        using var held = await RepositoryLock.TakeAsync(settings.Directory, clock, cancellationToken);
        if (!DistributionName().IsMatch(distribution) || snapshots.Current(distribution) is not { } current)
            throw new RepositoryException($"there is no distribution \"{distribution}\"; there are: {string.Join(", ", Distributions)}");
        snapshots.Sweep(distribution);
        var known = snapshots.List(distribution);
        var target = to is null ? Snapshot.Before(known) : known.FirstOrDefault(snapshot => snapshot.Number == to);
        if (target is null)
            throw new RepositoryException(
                to is null
                    ? $"{distribution} has no earlier snapshot"
                    : $"{distribution} has no snapshot {to}; there are: {string.Join(", ", known.Select(snapshot => snapshot.Number))}"
            );
        var edit = await EditAsync(distribution, target.Directory, cancellationToken);
        edit.Changed.UnionWith(edit.Indices.Keys);
        var withdrawn = edit.Remove(package =>
            edit.Names.FindWithdrawn(distribution, package.Name, package.Sha256) is not null
            || !File.Exists(Path.Combine(settings.Directory, package.FileName))
        );
        var without = withdrawn.Count == 0 ? "" : $", without {string.Join(", ", withdrawn.Select(package => package.Name))} (withdrawn)";
        return await WriteAsync(edit, current, $"back to {target.ContentOf}{without}", target.ContentOf, cancellationToken);
    }

    /// <summary>Signs and dates anew what is published, for repositories whose promise runs out.</summary>
    public async Task RefreshAsync(string distribution, CancellationToken cancellationToken)
    {
        using var held = await RepositoryLock.TakeAsync(settings.Directory, clock, cancellationToken);
        if (snapshots.Current(distribution) is not { } current)
            return;
        snapshots.Sweep(distribution);
        var edit = await EditAsync(distribution, current, cancellationToken);
        var contentOf = snapshots.List(distribution).First(snapshot => snapshot.IsCurrent).ContentOf;
        await WriteAsync(edit, current, "signed anew", contentOf, cancellationToken);
    }

    /// <summary>Takes packages out of a distribution. The same bytes are published again only by hand.</summary>
    /// <param name="fits">Which; all that fit go.</param>
    /// <param name="deleteFiles">Whether the files of the packages go at once, and not with the snapshots that name them.</param>
    /// <returns>What was taken out.</returns>
    /// <exception cref="RepositoryException">There is no such package; or it cannot be written or signed.</exception>
    public async Task<IReadOnlyList<PublishedPackage>> RemoveAsync(
        string distribution,
        Func<PublishedPackage, bool> fits,
        bool deleteFiles,
        CancellationToken cancellationToken
    )
    {
        using var held = await RepositoryLock.TakeAsync(settings.Directory, clock, cancellationToken);
        if (!DistributionName().IsMatch(distribution) || snapshots.Current(distribution) is not { } current)
            throw new RepositoryException($"there is no distribution \"{distribution}\"; there are: {string.Join(", ", Distributions)}");
        snapshots.Sweep(distribution);
        var edit = await EditAsync(distribution, current, cancellationToken);
        var removed = edit.Remove(fits);
        if (removed.Count == 0)
            return removed;
        foreach (var package in removed)
            edit.Names.Withdraw(new Withdrawal(package.Name, distribution, package.Sha256 ?? "", clock.GetUtcNow()));
        await WriteAsync(
            edit,
            current,
            $"remove {string.Join(", ", removed.Select(package => package.Name).Distinct().Take(5))}",
            null,
            cancellationToken
        );
        if (deleteFiles)
            await DeleteFilesAsync(removed, cancellationToken);
        return removed;
    }

    /// <summary>Whose the names are, for people; nothing is changed.</summary>
    public async Task<IReadOnlyList<NameOwner>> OwnersAsync(CancellationToken cancellationToken) =>
        [.. settings.NameOwners, .. (await NamesAsync(cancellationToken)).Owners];

    /// <summary>Gives a name to a job, or to nobody (null), in a distribution or (null) in all.</summary>
    public async Task AssignAsync(string name, string? distribution, string? job, CancellationToken cancellationToken)
    {
        using var held = await RepositoryLock.TakeAsync(settings.Directory, clock, cancellationToken);
        var names = await NamesAsync(cancellationToken);
        names.Assign(name, distribution, job);
        await names.SaveAsync(cancellationToken);
    }

    private Task<PackageNames> NamesAsync(CancellationToken cancellationToken) =>
        PackageNames.LoadAsync(
            settings.Directory,
            async () =>
            {
                var published = new List<PublishedPackage>();
                foreach (var distribution in Distributions)
                    published.AddRange(await ListAsync(distribution, cancellationToken));
                return published;
            },
            cancellationToken
        );

    private async Task<DistributionEdit> EditAsync(string distribution, string? snapshot, CancellationToken cancellationToken)
    {
        var names = await NamesAsync(cancellationToken);
        var edit = new DistributionEdit(distribution, settings, names, new NameRules(settings, names, clock.GetUtcNow()));
        foreach (var architecture in Architectures(snapshot))
            edit.Indices.Add(architecture, await ReadIndexAsync(snapshot, architecture, cancellationToken));
        return edit;
    }

    /// <summary>Those that no distribution offers any more.</summary>
    private async Task DeleteFilesAsync(IReadOnlyList<PublishedPackage> removed, CancellationToken cancellationToken)
    {
        var offered = new HashSet<string>(StringComparer.Ordinal);
        foreach (var distribution in Distributions)
            offered.UnionWith((await ListAsync(distribution, cancellationToken)).Select(package => package.FileName));
        foreach (var package in removed.Where(package => !offered.Contains(package.FileName)))
            File.Delete(Path.Combine(settings.Directory, package.FileName));
    }

    private async Task<PublishOutcome> AddAsync(
        DistributionEdit edit,
        PublishableBuild build,
        bool byHand,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var binary = build.MainBinary ?? throw new PackageException("the build has no main binary");
            if (!File.Exists(binary.StoredPath))
                throw new PackageException("its stored main binary is not there any more");
            using var package = await DebianPackage.OpenAsync(binary.StoredPath, cancellationToken);
            if (edit.WhyNot(package.Control, build, byHand) is { } outcome)
                return outcome;
            var control = package.Control;
            var version = PublishedVersion.Derive(control.Version, build.Started, binary.Sha256, PublishedVersion.DebianSeparator);
            var fileName = $"pool/main/{control.Package[0]}/{control.Package}/{control.Package}_{version}_{control.Architecture}.deb";
            var (size, sha256) = await AddToPoolAsync(package, version, fileName, cancellationToken);
            var entry = IndexEntry.Make(control, version, fileName, size, sha256, build);
            edit.Put(control.Architecture, entry, build);
            return new PublishOutcome(
                PublishState.Published,
                $"published as {control.Package} {version}",
                entry.ToPackage(edit.Distribution)
            );
        }
        catch (PackageException exception)
        {
            return PublishOutcome.Refused(exception.Message);
        }
    }

    private async Task<(long Size, string Sha256)> AddToPoolAsync(
        DebianPackage package,
        string version,
        string fileName,
        CancellationToken cancellationToken
    )
    {
        var aside = snapshots.NewIncoming("package.deb");
        (long, string) written;
        await using (var file = new FileStream(aside, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
        {
            written = await package.WriteAsync(file, version, cancellationToken);
            await file.FlushAsync(cancellationToken);
            file.Flush(flushToDisk: true);
        }
        Checkpoint("packed");
        var target = Path.Combine(settings.Directory, fileName);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        Durable.Rename(aside, target);
        for (
            var folder = Path.GetDirectoryName(target)!;
            folder.Length >= settings.Directory.Length;
            folder = Path.GetDirectoryName(folder)!
        )
            Durable.SyncDirectory(folder);
        Checkpoint("pooled");
        return written;
    }

    /// <summary>Names first, then the state that needs them: cut off between the two, a job has a name and can publish.</summary>
    private async Task<Snapshot> WriteAsync(
        DistributionEdit edit,
        string? current,
        string note,
        int? contentOf,
        CancellationToken cancellationToken
    )
    {
        if (edit.Names.IsChanged)
            await edit.Names.SaveAsync(cancellationToken);
        Checkpoint("names");
        var now = clock.GetUtcNow();
        var built = await BuildAsync(edit, current, now, cancellationToken);
        var check = new IndexCheck(settings.Directory, built, edit);
        await check.RunAsync(cancellationToken);
        if (check.Unreadable.Count > 0)
        {
            // Earlier versions of this program published what apt cannot read.
            edit.Remove(package => check.Unreadable.ContainsKey(package.Name));
            note = $"{note}, without {string.Join(", ", check.Unreadable.Keys.Take(5))} (apt or dpkg cannot read it)";
            Directory.Delete(built, recursive: true);
            built = await BuildAsync(edit, current, now, cancellationToken);
            await new IndexCheck(settings.Directory, built, edit).RunAsync(cancellationToken);
        }
        FileTimes.MoveOn(built, current, now);
        var snapshot = await snapshots.GoLiveAsync(edit.Distribution, built, now, note, contentOf, Checkpoint, cancellationToken);
        if (snapshots.Prune(edit.Distribution, settings.Retention, now))
            await RemoveUnnamedFromPoolAsync(cancellationToken);
        return snapshot;
    }

    private async Task<string> BuildAsync(DistributionEdit edit, string? current, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var built = snapshots.NewIncoming(edit.Distribution);
        Directory.CreateDirectory(built);
        var previous = current is null ? "" : await File.ReadAllTextAsync(Path.Combine(current, "Release"), cancellationToken);
        var previousFiles = ReleaseFile.Files(previous);
        var writer = new IndexWriter(built);
        var files = new List<IndexFile>();
        foreach (var (architecture, index) in edit.Indices)
        {
            var kept =
                current is not null
                && !edit.Changed.Contains(architecture)
                && previousFiles.Any(file => file.Path.StartsWith($"{IndexWriter.FolderOf(architecture)}/", StringComparison.Ordinal));
            files.AddRange(
                kept ? writer.Keep(architecture, current!, previousFiles) : await writer.WriteAsync(architecture, index, cancellationToken)
            );
            if (current is not null)
                writer.KeepByHash(
                    architecture,
                    current,
                    previousFiles.Select(file => file.Sha256).ToHashSet(),
                    now,
                    settings.Retention.Time
                );
            Checkpoint($"index {architecture}");
        }
        var date = ReleaseFile.Date(previous) is { } last && last > now ? last : now;
        var release = ReleaseFile.Write(edit.Distribution, settings, edit.Indices.Keys, files, date);
        await Durable.WriteNewAsync(Path.Combine(built, "Release"), release, cancellationToken);
        Checkpoint("release");
        await SignAsync(built, "InRelease", SignatureKind.ClearSigned, release, cancellationToken);
        await SignAsync(built, "Release.gpg", SignatureKind.Detached, release, cancellationToken);
        return built;
    }

    private async Task SignAsync(string built, string name, SignatureKind kind, byte[] release, CancellationToken cancellationToken)
    {
        var signed = await signer.SignAsync(kind, release, cancellationToken);
        await Durable.WriteNewAsync(Path.Combine(built, name), signed, cancellationToken);
        Checkpoint(name);
    }

    /// <summary>Removes packages that no kept snapshot of any distribution names.</summary>
    private async Task RemoveUnnamedFromPoolAsync(CancellationToken cancellationToken)
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var snapshot in Distributions.SelectMany(Snapshots))
        {
            foreach (var architecture in Architectures(snapshot.Directory))
            {
                var index = await ReadIndexAsync(snapshot.Directory, architecture, cancellationToken);
                named.UnionWith(index.Entries.Select(entry => entry.Field("Filename: "u8)));
            }
        }
        foreach (var file in Directory.EnumerateFiles(Path.Combine(settings.Directory, "pool"), "*.deb", SearchOption.AllDirectories))
        {
            if (!named.Contains(Path.GetRelativePath(settings.Directory, file)))
                File.Delete(file);
        }
    }

    /// <summary>Those configured and those that the snapshot has; <c>all</c> among them, as its packages are in every index.</summary>
    private SortedSet<string> Architectures(string? snapshot)
    {
        var folder = new DirectoryInfo(Path.Combine(snapshot ?? "", "main"));
        var present =
            snapshot is not null && folder.Exists
                ? folder.EnumerateDirectories("binary-*").Select(directory => directory.Name["binary-".Length..])
                : [];
        return new SortedSet<string>([DistributionEdit.All, .. settings.Architectures, .. present], StringComparer.Ordinal);
    }

    private static Task<PackagesIndex> ReadIndexAsync(string? snapshot, string architecture, CancellationToken cancellationToken) =>
        PackagesIndex.ReadAsync(Path.Combine(snapshot ?? "", IndexWriter.FolderOf(architecture), "Packages"), cancellationToken);

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._+~-]{0,99}\z", RegexOptions.CultureInvariant)]
    private static partial Regex DistributionName();
}
