using System.Net;
using Builder.Cli.Log;
using Builder.Proof.Keys;
using Builder.Proof.Log;
using Builder.Publishing.TransparencyLog;
using Builder.Testing;
using Builder.Web.Witnessing;

namespace Builder.Cli.Tests.Log;

/// <summary>A witness that listens, a log that asks it, and a monitor that counts its signature.</summary>
public sealed class WitnessSiteTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly WatchedSite site = new();
    private readonly Ed25519SigningKey key = Ed25519SigningKey.Generate();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        site.Dispose();
        directory.Dispose();
        key.Dispose();
    }

    [Fact]
    public async Task A_checkpoint_is_signed_over_HTTP_and_the_monitor_sees_the_signature()
    {
        await using var witness = await RunningWitness.StartAsync(directory["witness"], key, site.Verifier);
        using var http = new HttpClient();
        await site.SignAsync(5);
        await site.CosignAsync(new WitnessClient(http, witness.Address));
        await site.SignAsync(300);
        await site.CosignAsync(new WitnessClient(http, witness.Address));

        var report = await new LogCheck(WatchedSite.Address, site.Client(), new FollowedLog(directory["state"])).RunAsync(null, Token);

        Assert.Empty(report.Findings);
        Assert.Contains(", 1 signature of witnesses", report.Summary, StringComparison.Ordinal);
        var origin = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("builds.example"u8));
        var last = SignedNote.Parse(await http.GetByteArrayAsync(new Uri(witness.Address.Url, $"{origin}/checkpoint"), Token));
        Assert.NotNull(last.SignatureOf(witness.Address.Key));
    }

    [Fact]
    public async Task A_fork_is_not_signed_and_the_log_is_told_to_stop()
    {
        await using var witness = await RunningWitness.StartAsync(directory["witness"], key, site.Verifier);
        using var http = new HttpClient();
        await site.SignAsync(9);
        await site.CosignAsync(new WitnessClient(http, witness.Address));
        using var restored = new WatchedSite(key: site.Key);
        await restored.SignAsync(5, "another");

        await Assert.ThrowsAsync<LogForkException>(() => restored.CosignAsync(new WitnessClient(http, witness.Address)));
    }

    [Fact]
    public async Task Large_and_strange_requests_are_refused_and_it_goes_on()
    {
        await using var witness = await RunningWitness.StartAsync(directory["witness"], key, site.Verifier);
        using var http = new HttpClient();
        using var large = await http.PostAsync(
            new Uri(witness.Address.Url, "add-checkpoint"),
            new ByteArrayContent(new byte[WitnessRequest.MaxSizeInBytes + 1]),
            Token
        );
        using var strange = await http.PostAsync(new Uri(witness.Address.Url, "add-checkpoint"), new ByteArrayContent([0xFF]), Token);
        using var unknown = await http.GetAsync(new Uri(witness.Address.Url, "0/checkpoint"), Token);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, strange.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        await site.SignAsync(1);
        await site.CosignAsync(new WitnessClient(http, witness.Address));
    }

    private sealed class RunningWitness(
        Publishing.TransparencyLog.Witness witness,
        WitnessAddress address,
        Task running,
        CancellationTokenSource stop
    ) : IAsyncDisposable
    {
        public WitnessAddress Address => address;

        public static async Task<RunningWitness> StartAsync(string state, Ed25519SigningKey key, NoteKey log)
        {
            Directory.CreateDirectory(state);
            var witness = Publishing.TransparencyLog.Witness.Open(state, "witness.example", key, [log], TimeProvider.System);
            var ready = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
            var stop = new CancellationTokenSource();
            var running = WitnessSite.RunAsync(witness, new IPEndPoint(IPAddress.Loopback, 0), ready.SetResult, stop.Token);
            return new RunningWitness(
                witness,
                new WitnessAddress(NoteKey.Parse(witness.Key.Vkey), await ready.Task.WaitAsync(Token)),
                running,
                stop
            );
        }

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await running;
            witness.Dispose();
            stop.Dispose();
        }
    }
}
