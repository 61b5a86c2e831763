using Builder.Protocol.Values;
using Builder.Publishing.Channels;
using Builder.Publishing.Outgoing;
using Builder.Publishing.Targets;
using Builder.Storage.Database;
using Builder.Storage.Migrations;
using Builder.Storage.Outbox;
using Builder.Testing;

namespace Builder.Publishing.Tests.Notifications;

/// <summary>A database whose events are told to targets.</summary>
internal sealed class Outbox : IAsyncDisposable
{
    public static readonly byte[] Secret = [.. Enumerable.Range(1, 32).Select(static number => (byte)number)];

    public static readonly AllowedNetworks Loopback = new([System.Net.IPNetwork.Parse("127.0.0.0/8")]);

    private readonly TemporaryDirectory directory = new();
    private int count;

    public BuilderDatabase Database { get; private set; } = null!;

    public string Data => directory["data"];

    public string Config => directory["config"];

    public static async Task<Outbox> CreateAsync()
    {
        var outbox = new Outbox();
        var settings = new DatabaseSettings(outbox.Data);
        await new Migrator(settings, new Progress<string>()).MigrateAsync(default);
        outbox.Database = await BuilderDatabase.OpenAsync(settings, default);
        Directory.CreateDirectory(outbox.Config);
        return outbox;
    }

    public static NotificationTarget Target(Uri address, TargetKind kind = TargetKind.Webhook) =>
        new("t", kind, address, new EventFilter(EventKind.All, [], [])) { Networks = Loopback, Secrets = [Secret] };

    /// <summary>Records events that are told apart by the member <c>number</c>.</summary>
    public Task AddAsync(int events, string job = "hello", string kind = EventKind.BuildStored) =>
        OutboxEvents.AddAsync(
            Database,
            [
                .. Enumerable
                    .Range(0, events)
                    .Select(_ => new NewEvent(
                        $"{kind}/{Guid.NewGuid()}",
                        kind,
                        job,
                        "debian-12",
                        BuildUuid.NewRandom(),
                        $$"""{"version":1,"number":{{++count}},"result":"failed (exit code 1)"}"""
                    )),
            ],
            TimeProvider.System.GetUtcNow(),
            default
        );

    /// <summary>A secret or a configuration that only its owner can read.</summary>
    public async Task<string> WriteAsync(string name, string text)
    {
        var path = Path.Combine(Config, name);
        await File.WriteAllTextAsync(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    public static Channel Channel(NotificationTarget target, TimeProvider? clock = null, SourceRevision? revision = null) =>
        new ChannelFactory(
            (_, _) => Task.FromResult(revision),
            new SitePlace("Builds", new Uri("https://builds.example.org")),
            clock ?? TimeProvider.System
        ).Create(target);

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        directory.Dispose();
    }
}
