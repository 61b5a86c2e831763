using Builder.Storage.Accounts;
using Builder.Storage.Buckets;
using Builder.Storage.Database;
using Builder.Storage.Ingestion;
using Builder.Storage.Maintenance;
using Builder.Storage.Values;

namespace Builder.Storage.Tests.Ingestion;

/// <summary>An open data directory with a user who may upload everything.</summary>
internal sealed class StorageFixture : IAsyncDisposable
{
    public static readonly User Admin = new(new UserId(1), "admin", IsRestricted: false);

    private readonly bool keepsFolder;

    private StorageFixture(DataFolder folder, BuilderStorage storage, bool keepsFolder)
    {
        this.keepsFolder = keepsFolder;
        Folder = folder;
        Storage = storage;
    }

    public DataFolder Folder { get; }

    public BuilderStorage Storage { get; }

    public static async Task<StorageFixture> CreateAsync(DatabaseEngine engine = DatabaseEngine.Sqlite, bool? objects = null)
    {
        var folder = await DataFolder.NewestAsync(engine, objects);
        await using (var database = await folder.OpenAsync())
            await new UserAdministration(database).AddAsync(
                "admin",
                "secret",
                isRestricted: false,
                new ScryptParameters(2, 1, 1),
                TestContext.Current.CancellationToken
            );
        return await OpenAsync(folder);
    }

    /// <param name="keepsFolder">The folder is the caller's to remove.</param>
    public static async Task<StorageFixture> OpenAsync(DataFolder folder, bool keepsFolder = false) =>
        new(
            folder,
            await BuilderStorage.OpenAsync(folder.Settings, TimeProvider.System, TestContext.Current.CancellationToken),
            keepsFolder
        );

    public Task<UploadResult> UploadAsync(byte[] exec, User? user = null) =>
        Storage.Uploads.IngestAsync(new MemoryStream(exec), user ?? Admin, TestContext.Current.CancellationToken);

    /// <summary>A file of a build, wherever those are.</summary>
    public async Task<byte[]> ReadAsync(string path)
    {
        await using var file =
            await Storage.BuildFiles.OpenAsync(path, TestContext.Current.CancellationToken) ?? throw new FileNotFoundException(path);
        var content = new MemoryStream();
        await file.CopyToAsync(content, TestContext.Current.CancellationToken);
        return content.ToArray();
    }

    /// <summary>An ingestor whose process ends at the crash point.</summary>
    public UploadIngestor Crashing(CrashPoint crash)
    {
        var stored = StoredFiles.Open(Folder.Settings, crash.Files, TimeProvider.System);
        return new UploadIngestor(
            Storage.Database,
            stored.Directory,
            stored.Artifacts,
            stored.Builds,
            crash.Files,
            Storage.Authenticator,
            TimeProvider.System
        );
    }

    /// <summary>What a new process finds.</summary>
    public async Task<StorageFixture> RestartAsync()
    {
        await Storage.DisposeAsync();
        return await OpenAsync(Folder);
    }

    public async Task<List<Finding>> VerifyAsync(bool repair = false)
    {
        var findings = new List<Finding>();
        await foreach (
            var finding in new DataDirectoryVerifier(Storage, repair, progress: null).VerifyAsync(TestContext.Current.CancellationToken)
        )
            findings.Add(finding);
        return findings;
    }

    public async Task<long> CountAsync(string table)
    {
        await using var session = await Storage.Database.OpenReadAsync(TestContext.Current.CancellationToken);
        return await session.IntegerAsync($"SELECT COUNT(*) FROM {table}", TestContext.Current.CancellationToken);
    }

    public async Task<List<string>> RowsAsync(string sql, Func<Row, string> map)
    {
        await using var session = await Storage.Database.OpenReadAsync(TestContext.Current.CancellationToken);
        return await session.QueryAsync(sql, map, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Storage.DisposeAsync();
        if (!keepsFolder)
            Folder.Dispose();
    }
}
