using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Publishing.Options;
using Builder.Publishing.Queue;
using Builder.Publishing.Repositories;
using Builder.Storage;
using Builder.Storage.Accounts;
using Builder.Storage.Database;
using Builder.Storage.Migrations;
using Builder.Testing;

namespace Builder.Publishing.Tests;

/// <summary>A data directory with its database, a configuration directory, and builds stored in them.</summary>
internal sealed class TestSite : IAsyncDisposable
{
    private readonly TemporaryDirectory directory = new();
    private BuilderStorage storage = null!;

    public string this[string relative] => directory[relative];

    public string Data => directory["data"];

    public string Config => directory["config"];

    public string Apt => Path.Combine(Data, "_repositories", "apt");

    /// <param name="connection">A database of PostgreSQL; null: SQLite in the data directory.</param>
    public static async Task<TestSite> CreateAsync(string? connection = null)
    {
        // Repositories are signed.
        Requirement.Programs("gpg");
        var site = new TestSite();
        var settings = new DatabaseSettings(site.Data, connection);
        await new Migrator(settings, new Progress<string>()).MigrateAsync(default);
        site.storage = await BuilderStorage.OpenAsync(settings, TimeProvider.System, default);
        await site.AddAccountAsync("u", isRestricted: false);
        Directory.CreateDirectory(site.Config);
        return site;
    }

    public Task<RepositorySettings> InitDebianAsync(Func<RepositorySettings, RepositorySettings>? change = null) =>
        RepositorySetup.InitializeAsync(
            (change ?? (settings => settings))(RepositorySettings.Default(Config, Data, RepositoryKind.Debian)),
            null,
            "ed25519",
            "0",
            default
        );

    public Task AddUserAsync(string name, string password) =>
        new UserAdministration(storage.Database).AddAsync(name, password, isRestricted: false, ScryptParameters.Default, default);

    public Task AddAccountAsync(string name, bool isRestricted) =>
        Users.AddAsync(name, "secret", isRestricted, new ScryptParameters(2, 1, 1), default);

    public BuilderDatabase Database => storage.Database;

    public UserAdministration Users => new(storage.Database);

    public Task<PublishingQueue> OpenQueueAsync() =>
        PublishingQueue.OpenAsync(new PublishingOptions(Config, Data), storage, TimeProvider.System, default);

    /// <summary>A queue that has looked once: what is stored from now on is news to it.</summary>
    public async Task<PublishingQueue> StartQueueAsync()
    {
        var queue = await OpenQueueAsync();
        await queue.DrainAsync(default);
        return queue;
    }

    /// <param name="binary">The file that the build left as its main binary; null for a failed build.</param>
    public async Task<BuildUuid> StoreAsync(
        string? binary,
        string started = "20260101120000",
        string job = "hello-deb",
        string platform = "debian-12",
        string? path = null,
        string? input = null,
        string account = "u"
    )
    {
        var uuid = BuildUuid.NewRandom();
        var time = DebMaker.Time(started);
        var digest = binary is null ? default : Sha256Digest.Of(await File.ReadAllBytesAsync(binary));
        if (binary is not null)
        {
            var stored = storage.Directory.OfArtifact(digest);
            Directory.CreateDirectory(Path.GetDirectoryName(stored)!);
            File.Copy(binary, stored, overwrite: true);
        }
        await storage.Database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync("INSERT INTO job (name) VALUES (@job) ON CONFLICT (name) DO NOTHING", default, ("@job", job));
                var build = await session.IntegerAsync(
                    """
                    INSERT INTO build (uuid, start_d, start_ps, finish_d, finish_ps, result_kind, result_number, console, script, platform, "user", job, input_id)
                    SELECT @uuid, @day, @ps, @day, @ps, 0, @status, 'c', 's', @platform, (SELECT id FROM "user" WHERE username = @account), id, @input
                    FROM job
                    WHERE name = @job
                    RETURNING id
                    """,
                    default,
                    ("@uuid", uuid),
                    ("@day", time.Days),
                    ("@ps", time.PicosecondsOfDay),
                    ("@status", binary is null ? 1 : 0),
                    ("@platform", platform),
                    ("@input", input is null ? null : Sha256Digest.Of(System.Text.Encoding.UTF8.GetBytes(input))),
                    ("@job", job),
                    ("@account", account)
                );
                if (binary is null)
                    return;
                var artifact = await session.IntegerAsync(
                    "INSERT INTO build_artifact (filepath, sha256, size, build) VALUES (@path, @sha, @size, @build) RETURNING id",
                    default,
                    ("@path", ArtifactPath.Parse(path ?? $"bin/{Path.GetFileName(binary)}")),
                    ("@sha", digest),
                    ("@size", new FileInfo(binary).Length),
                    ("@build", build)
                );
                await session.ExecuteAsync(
                    "UPDATE build SET main_binary = @artifact, main_sha256 = @sha WHERE id = @build",
                    default,
                    ("@artifact", artifact),
                    ("@sha", digest),
                    ("@build", build)
                );
            },
            default
        );
        return uuid;
    }

    public async Task<string> FileAsync(string content, string name = "hello.bin")
    {
        var path = directory[$"{Guid.NewGuid():N}-{name}"];
        await File.WriteAllTextAsync(path, content);
        return path;
    }

    public async Task HookAsync(string folder, string name, string body, bool executable = true)
    {
        var path = Path.Combine(Config, folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | (executable ? UnixFileMode.UserExecute : 0));
    }

    public async ValueTask DisposeAsync()
    {
        await storage.DisposeAsync();
        directory.Dispose();
    }
}
