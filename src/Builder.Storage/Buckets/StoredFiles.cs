using Builder.Objects.Transfer;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;
using Builder.Storage.Files;

namespace Builder.Storage.Buckets;

/// <summary>Everything but the tables, wherever it is: in the data directory, or in a bucket with the data directory for copies.</summary>
public sealed class StoredFiles : IDisposable
{
    private readonly ObjectClient? client;

    private StoredFiles(DataDirectory directory, IArtifactStore artifacts, IBuildFiles builds, ContentCheck check, ObjectClient? client)
    {
        (Directory, Artifacts, Builds, Check, this.client) = (directory, artifacts, builds, check, client);
    }

    public DataDirectory Directory { get; }

    /// <summary>As they are stored: packed ones by the hash of their packed form.</summary>
    public IArtifactStore Artifacts { get; }

    public IBuildFiles Builds { get; }

    internal ContentCheck Check { get; }

    /// <summary>Null where everything is in the data directory.</summary>
    public ObjectClient? Bucket => client;

    public static StoredFiles Open(DatabaseSettings settings, TimeProvider clock) => Open(settings, new DurableFiles(), clock);

    internal static StoredFiles Open(DatabaseSettings settings, DurableFiles files, TimeProvider clock)
    {
        var directory = new DataDirectory(settings.DataDirectory);
        var check = new ContentCheck(directory, new DamagedContents(), clock);
        if (settings.Objects is not { } objects)
        {
            var store = new FileArtifactStore(directory, files, check);
            return new StoredFiles(directory, store, new DirectoryBuildFiles(directory, files), check, client: null);
        }
        // Signatures need the real time, whatever time the site has.
        var client = new ObjectClient(objects.Address, objects.Keys, TimeProvider.System, objects.Client);
        var copies = new LocalCopies(directory, objects.MaxCopies);
        var bucket = new BucketArtifactStore(client, directory, copies, check, files);
        return new StoredFiles(directory, bucket, new BucketBuildFiles(client, directory, copies, files), check, client);
    }

    public void Dispose() => client?.Dispose();
}
