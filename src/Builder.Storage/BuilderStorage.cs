using Builder.Posix;
using Builder.Storage.Accounts;
using Builder.Storage.Artifacts;
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

    private BuilderStorage(
        DirectoryLock used,
        BuilderDatabase database,
        DataDirectory directory,
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
        Directory = directory;
        PackedArtifacts = artifacts;
        LocalArtifacts = new LocalArtifacts(directory, artifacts, clock);
        Packer = packer;
        Authenticator = authenticator;
    }

    public BuilderDatabase Database { get; }

    public DataDirectory Directory { get; }

    public IArtifactStore Artifacts => PackedArtifacts;

    internal PackedArtifactStore PackedArtifacts { get; }

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
        var files = new DurableFiles();
        var check = new ContentCheck(directory, new DamagedContents(), clock);
        var artifacts = new PackedArtifactStore(database, directory, new FileArtifactStore(directory, files, check), check, clock);
        var authenticator = new Authenticator(database, clock);
        var uploads = new UploadIngestor(database, directory, artifacts, files, authenticator, clock);
        var sweeper = new FileSweeper(database, directory, artifacts, files);
        var storage = new BuilderStorage(
            used,
            database,
            directory,
            artifacts,
            new ContentPacker(database, directory, artifacts, files, clock),
            authenticator,
            uploads,
            sweeper,
            new ContentScrub(directory, check, clock, artifacts),
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
            await uploads.CleanAsync(cancellationToken);
            await sweeper.SweepAsync(cancellationToken);
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
        used.Dispose();
    }
}
