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
        IArtifactStore artifacts,
        Authenticator authenticator,
        UploadIngestor uploads,
        FileSweeper sweeper,
        ContentScrub scrub
    )
    {
        this.used = used;
        Scrub = scrub;
        Uploads = uploads;
        Sweeper = sweeper;
        Database = database;
        Directory = directory;
        Artifacts = artifacts;
        Authenticator = authenticator;
    }

    public BuilderDatabase Database { get; }

    public DataDirectory Directory { get; }

    public IArtifactStore Artifacts { get; }

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
        var artifacts = new FileArtifactStore(directory, files, check);
        var authenticator = new Authenticator(database, clock);
        var uploads = new UploadIngestor(database, directory, artifacts, files, authenticator, clock);
        var sweeper = new FileSweeper(database, directory, artifacts, files);
        var storage = new BuilderStorage(
            used,
            database,
            directory,
            artifacts,
            authenticator,
            uploads,
            sweeper,
            new ContentScrub(directory, check, clock)
        );
        try
        {
            await DifferenceTable.EnsureAsync(database, cancellationToken);
            await IndexTables.EnsureAsync(database, cancellationToken);
            await FailureTables.EnsureAsync(database, cancellationToken);
            await SearchTables.EnsureAsync(database, cancellationToken);
            await BudgetTable.EnsureAsync(database, cancellationToken);
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
