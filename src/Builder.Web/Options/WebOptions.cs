using System.Security.Cryptography.X509Certificates;
using Builder.Protocol.Values;
using Builder.Publishing.Options;
using Builder.Publishing.Outgoing;
using Builder.Storage.Database;
using Builder.Storage.Files;
using Builder.Storage.Search;

namespace Builder.Web.Options;

/// <summary>What the operator decides about the site.</summary>
public sealed record WebOptions
{
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>0 takes any free port; see <see cref="BuilderWeb.Port"/>.</summary>
    public int Port { get; init; } = 3000;

    /// <summary>Where <c>/metrics</c> and <c>/health</c> are, apart from the site; 0 takes any free port, null for none.</summary>
    public int? MetricsPort { get; init; }

    /// <summary>Artifacts, consoles and scripts, and the database unless another is named.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Where <c>intro.md</c> is; null for none.</summary>
    public string? ConfigurationDirectory { get; init; }

    /// <summary>The public files of the transparency log, as the signer writes them; null: <c>_tlog</c> in the data directory.</summary>
    public string? LogDirectory { get; init; }

    /// <summary>PostgreSQL instead of the database in the data directory.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>A bucket in place of the data directory for artifacts, consoles, scripts and execs; null for the data directory.</summary>
    public ObjectStoreSettings? Objects { get; init; }

    /// <summary>Answers downloads of artifacts with an address of the bucket that works for a few minutes.</summary>
    public bool RedirectsDownloads { get; init; }

    /// <summary>The front page shows builds that finished within so many days; 0 shows all.</summary>
    public int ExpiredJobsDays { get; init; } = 30;

    /// <summary>Serves <c>/health</c> to visitors of the site too: for a site whose visitors are its operators.</summary>
    public bool ShowsHealth { get; init; }

    /// <summary>Where <see cref="Port"/> is taken, the next ones are tried.</summary>
    public bool TakesNextPort { get; init; }

    /// <summary>A build server to ask what runs and waits, as <c>HOST:PORT</c> or <c>unix:PATH</c>; null for none.</summary>
    public string? Server { get; init; }

    /// <summary>What the site shows the build server to act for operators; empty for none.</summary>
    public ByteString ServerKey { get; init; } = ByteString.Empty;

    public bool UsesServerTls { get; init; }

    /// <summary>A provider that people sign in with; null for none.</summary>
    public OpenIdOptions? OpenId { get; init; }

    /// <summary>The only authority whose certificates the build server may have; null: those of the machine.</summary>
    public X509Certificate2Collection? ServerAuthority { get; init; }

    /// <summary>The socket of the signer; null for none: then no statements are made.</summary>
    public string? Signer { get; init; }

    public string Title { get; init; } = "builder";

    public string? Contact { get; init; }

    /// <summary>Where people look at the trace of a build; null where build pages do not link to it.</summary>
    public TraceLink? Traces { get; init; }

    /// <summary>How visitors reach the site, as <c>https://builds.example.org</c>; null: as each request says.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>Whose <c>Forwarded</c> and <c>X-Forwarded-*</c> headers count.</summary>
    public TrustedProxies TrustedProxies { get; init; } = TrustedProxies.None;

    /// <summary>The largest upload, in bytes.</summary>
    public long LargestUpload { get; init; } = 4L << 30;

    /// <summary>When packages go out, whatever the repositories' settings say; null: as they say.</summary>
    public PublishGate? Publish { get; init; }

    /// <summary>How fast the check of all stored contents in the background reads, in bytes a second; 0 for none.</summary>
    public long ScrubBytesPerSecond { get; init; } = 8 << 20;

    /// <summary>Where advisories are imported from, regularly.</summary>
    public IReadOnlyList<Uri> AdvisorySources { get; init; } = [];

    /// <summary>Where they may be fetched from.</summary>
    public AllowedNetworks AdvisoryNetworks { get; init; } = AllowedNetworks.Public;

    /// <summary>How large the index of consoles may become, in bytes; the oldest consoles are left out. 0 for none.</summary>
    public long TextIndexSize { get; init; } = ConsoleTextIndex.DefaultMaxSize;

    /// <summary>With PostgreSQL: other processes go on with this one's background work when they have not heard of it for so long.</summary>
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromSeconds(30);

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>A request that meets a lock is answered while its sender still waits: within ten seconds, whatever it meets after that.</summary>
    internal DatabaseSettings Database =>
        new(DataDirectory, ConnectionString)
        {
            LockPatience = TimeSpan.FromSeconds(4),
            MaxWritePause = LeaseTime,
            Objects = Objects,
        };
}
