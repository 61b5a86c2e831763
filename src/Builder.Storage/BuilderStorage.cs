using Builder.Objects.Transfer;
using Builder.Posix;
using Builder.Storage.Accounts;
using Builder.Storage.Artifacts;
using Builder.Storage.Buckets;
using Builder.Storage.Budgets;
using Builder.Storage.Database;
using Builder.Storage.Differences;
using Builder.Storage.Failures;
using Builder.Storage.Files;
using Builder.Storage.Index;
using Builder.Storage.Ingestion;
using Builder.Storage.Leases;
using Builder.Storage.Packing;
using Builder.Storage.Repacking;
using Builder.Storage.Search;
using Builder.Storage.Sweeping;
using Builder.Storage.Troubles;

namespace Builder.Storage;

/// <summary>All that is kept, opened for a process that serves it: tables, artifacts, accounts.</summary>
public sealed class BuilderStorage : IAsyncDisposable
{
    private readonly DirectoryLock used;
    private readonly StoredFiles files;

    private BuilderStorage(
        DirectoryLock used,
        BuilderDatabase database,
        StoredFiles files,
        PackedArtifactStore artifacts,
        ContentPacker packer,
        Authenticator authenticator,
        UploadIngestor uploads,
        FileSweeper sweeper,
        ContentScrub scrub,
        TimeProvider clock
    )
    {
        this.used = used;
        Scrub = scrub;
        Uploads = uploads;
        Sweeper = sweeper;
        Database = database;
        this.files = files;
        PackedArtifacts = artifacts;
        Deltas = new StoredDeltas(database, artifacts.Stored);
        LocalArtifacts = new LocalArtifacts(files.Directory, artifacts, clock);
        Packer = packer;
        Authenticator = authenticator;
    }

    public BuilderDatabase Database { get; }

    public DataDirectory Directory => files.Directory;

    public IBuildFiles BuildFiles => files.Builds;

    /// <summary>Where artifacts and files of builds are; null for the data directory.</summary>
    public ObjectClient? Bucket => files.Bucket;

    /// <summary>For the check of all contents; null for the data directory.</summary>
    internal IRemoteContents? RemoteContents => files.Artifacts as IRemoteContents;

    /// <summary>Null where everything is in the data directory, which needs none.</summary>
    public BucketSweeper? BucketSweeper =>
        files.Bucket is { } bucket ? new BucketSweeper(Database, bucket, files.Artifacts, files.Builds) : null;

    public IArtifactStore Artifacts => PackedArtifacts;

    internal PackedArtifactStore PackedArtifacts { get; }

    /// <summary>Patches as they are stored.</summary>
    public StoredDeltas Deltas { get; }

    /// <summary>Artifacts as files, for programs that take a path.</summary>
    public LocalArtifacts LocalArtifacts { get; }

    /// <summary>Stores contents smaller, or as they are again.</summary>
    public ContentPacker Packer { get; }

    public Authenticator Authenticator { get; }

    public UploadIngestor Uploads { get; }

    public FileSweeper Sweeper { get; }

    /// <summary>Contents that turned out not to be what their hash says.</summary>
    public DamagedContents Damaged => Scrub.Damaged;

    /// <summary>The check of all contents in the background.</summary>
    public ContentScrub Scrub { get; }

    /// <summary>Also undoes what an earlier process left half-way.</summary>
    /// <exception cref="SchemaException">No database of this program's version is there; the message says how to fix it.</exception>
    public static async Task<BuilderStorage> OpenAsync(DatabaseSettings settings, TimeProvider clock, CancellationToken cancellationToken)
    {
        var database = await BuilderDatabase.OpenAsync(settings, cancellationToken);
        var directory = new DataDirectory(settings.DataDirectory);
        DirectoryLock used;
        try
        {
            used =
                DirectoryLock.TryShare(directory.Root)
                ?? throw new SchemaException($"{directory.Root} is being rolled back by another process: wait for it to end.");
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
        var durable = new DurableFiles();
        var files = StoredFiles.Open(settings, durable, clock);
        var artifacts = new PackedArtifactStore(database, directory, files.Artifacts, files.Check, clock);
        var authenticator = new Authenticator(database, clock);
        var uploads = new UploadIngestor(database, directory, artifacts, files.Builds, durable, authenticator, clock);
        var sweeper = new FileSweeper(database, directory, artifacts, files.Builds);
        var storage = new BuilderStorage(
            used,
            database,
            files,
            artifacts,
            new ContentPacker(database, directory, artifacts, durable, clock),
            authenticator,
            uploads,
            sweeper,
            new ContentScrub(directory, files.Check, clock, artifacts, files.Artifacts as IRemoteContents),
            clock
        );
        try
        {
            await DifferenceTable.EnsureAsync(database, cancellationToken);
            await IndexTables.EnsureAsync(database, cancellationToken);
            await FailureTables.EnsureAsync(database, cancellationToken);
            await SearchTables.EnsureAsync(database, cancellationToken);
            await BudgetTable.EnsureAsync(database, cancellationToken);
            await PackingTable.EnsureAsync(database, cancellationToken);
            await LeaseTables.EnsureAsync(database, cancellationToken);
            await TidyAsync(uploads, sweeper, cancellationToken);
            return storage;
        }
        catch
        {
            await storage.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        PackedArtifacts.Dispose();
        files.Dispose();
        used.Dispose();
    }

    /// <summary>An object store that is away keeps nobody from starting: its pages say so, and what is to be tidied up stays noted.</summary>
    private static async Task TidyAsync(UploadIngestor uploads, FileSweeper sweeper, CancellationToken cancellationToken)
    {
        try
        {
            await uploads.CleanAsync(cancellationToken);
            await sweeper.SweepAsync(cancellationToken);
        }
        catch (ObjectStoreException)
        {
            // The next start, or the next removal, does it.
        }
    }
}
