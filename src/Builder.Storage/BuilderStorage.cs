using Builder.Storage.Accounts;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;

namespace Builder.Storage;

/// <summary>All that is kept, opened for a process that serves it: tables, artifacts, accounts.</summary>
public sealed class BuilderStorage : IAsyncDisposable
{
    private BuilderStorage(BuilderDatabase database, DataDirectory directory, IArtifactStore artifacts, Authenticator authenticator)
    {
        Database = database;
        Directory = directory;
        Artifacts = artifacts;
        Authenticator = authenticator;
    }

    public BuilderDatabase Database { get; }

    public DataDirectory Directory { get; }

    public IArtifactStore Artifacts { get; }

    public Authenticator Authenticator { get; }

    /// <exception cref="SchemaException">No database of this program's version is there; the message says what mends it.</exception>
    public static async Task<BuilderStorage> OpenAsync(DatabaseSettings settings, TimeProvider clock, CancellationToken cancellationToken)
    {
        var database = await BuilderDatabase.OpenAsync(settings, cancellationToken);
        var directory = new DataDirectory(settings.DataDirectory);
        return new BuilderStorage(database, directory, new FileArtifactStore(directory, new DurableFiles()), new Authenticator(database, clock));
    }

    public async ValueTask DisposeAsync()
    {
        Authenticator.Dispose();
        await Database.DisposeAsync();
    }
}
