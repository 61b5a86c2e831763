using System.Formats.Tar;
using System.IO.Compression;
using Builder.Objects.Transfer;
using Builder.Storage.Database;
using Builder.Storage.Files;
using Builder.Storage.Migrations;
using Builder.Testing;

namespace Builder.Storage.Tests;

/// <summary>A data directory of a test's own.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly TemporaryDirectory temporary = new();

    private DataFolder(string name) => Root = temporary[name];

    public string Root { get; }

    public string this[string relative] => Path.Combine(Root, relative);

    public DatabaseSettings Settings => new(Root, ConnectionString) { Objects = Objects };

    private string? ConnectionString { get; init; }

    private ObjectStoreSettings? Objects { get; init; }

    public static DataFolder Absent() => new("data");

    public static async Task<DataFolder> NewestAsync(DatabaseEngine engine = DatabaseEngine.Sqlite, bool? objects = null)
    {
        var folder = new DataFolder("data")
        {
            ConnectionString = engine == DatabaseEngine.PostgreSql ? await Engines.NewPostgreSqlAsync() : null,
            Objects =
                objects ?? (engine == DatabaseEngine.PostgreSql && Engines.AreObjectsEverywhere) ? await Engines.NewBucketAsync() : null,
        };
        await folder.MigrateAsync();
        return folder;
    }

    /// <param name="archive">A vector: a directory of the reference system.</param>
    /// <param name="name">The directory inside it.</param>
    public static async Task<DataFolder> UnpackAsync(string archive, string name = "datadir")
    {
        var folder = new DataFolder(name);
        await using var file = Vectors.Open(archive);
        await using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        await TarFile.ExtractToDirectoryAsync(
            unzipped,
            folder.temporary.Path,
            overwriteFiles: false,
            TestContext.Current.CancellationToken
        );
        return folder;
    }

    public Task MigrateAsync(long? target = null) =>
        new Migrator(Settings, new NoProgress()).MigrateAsync(TestContext.Current.CancellationToken, target);

    public Task RollbackAsync() => new Migrator(Settings, new NoProgress()).RollbackAsync(TestContext.Current.CancellationToken);

    /// <summary>Step by step, however many there are.</summary>
    public async Task RollbackToAsync(long version)
    {
        while (await new Migrator(Settings, new NoProgress()).CurrentVersionAsync(TestContext.Current.CancellationToken) > version)
            await RollbackAsync();
    }

    public Task<BuilderDatabase> OpenAsync() => BuilderDatabase.OpenAsync(Settings, TestContext.Current.CancellationToken);

    /// <summary>All files but the database's and locks, relative, sorted.</summary>
    public IReadOnlyList<string> Files() =>
        Objects is null
            ? LocalFiles()
            : [.. KeysAsync().ToBlockingEnumerable().Select(PathOf).OfType<string>().Order(StringComparer.Ordinal)];

    private async IAsyncEnumerable<string> KeysAsync()
    {
        using var client = new ObjectClient(Objects!.Address, Objects.Keys, TimeProvider.System);
        await foreach (var one in client.ListAsync("", TestContext.Current.CancellationToken))
            yield return one.Key;
    }

    /// <summary>Where the data directory would have it.</summary>
    private static string? PathOf(string key) =>
        key.StartsWith("artifacts/", StringComparison.Ordinal) ? "_" + key
        : key.StartsWith("chunks/", StringComparison.Ordinal) ? null
        : key.StartsWith("builds/", StringComparison.Ordinal) ? key["builds/".Length..]
        : key;

    private IReadOnlyList<string> LocalFiles() =>
        [
            .. Directory
                .EnumerateFiles(Root, "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(Root, file))
                .Where(file => !file.StartsWith("builder.sqlite3", StringComparison.Ordinal) && file != "_backup.lock")
                .Order(StringComparer.Ordinal),
        ];

    public void Dispose() => temporary.Dispose();
}
