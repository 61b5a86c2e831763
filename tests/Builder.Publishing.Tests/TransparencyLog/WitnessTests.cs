using System.Net;
using System.Text;
using Builder.Analysis.Values;
using Builder.Proof.Keys;
using Builder.Proof.Log;
using Builder.Publishing.TransparencyLog;
using Builder.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Builder.Publishing.Tests.TransparencyLog;

public sealed class WitnessTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 27, 1, 0, 0, TimeSpan.Zero);

    private readonly TestLog log = new();
    private readonly TemporaryDirectory state = new();
    private readonly Ed25519SigningKey key = Ed25519SigningKey.Generate();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        log.Dispose();
        state.Dispose();
        key.Dispose();
    }

    [Fact]
    public async Task A_log_that_grows_is_signed_each_time_and_the_last_one_can_be_asked_for()
    {
        using var witness = Open();
        var first = await log.GrowAsync(0, 5);
        Assert.Equal(200, (await AddAsync(witness, 0, first)).Status);
        var second = await log.GrowAsync(5, 300);

        var answer = await AddAsync(witness, 5, second);

        var line = NoteSignature.Parse(answer.Body.TrimEnd('\n'));
        Assert.True(NoteKey.Parse(witness.Key.Vkey).Verify(second.Note.Text, line));
        Assert.Equal(Now, Cosignature.TimeOf(line));
        var last = SignedNote.Parse(witness.Last(OriginHash(TestLog.Origin))!);
        Assert.NotNull(last.SignatureOf(log.Verifier));
        Assert.NotNull(last.SignatureOf(witness.Key));
        Assert.Null(witness.Last(OriginHash("other.example")));
    }

    [Fact]
    public async Task What_it_signed_is_remembered_after_a_restart()
    {
        var first = await log.GrowAsync(0, 5);
        using (var witness = Open())
            Assert.Equal(200, (await AddAsync(witness, 0, first)).Status);
        using var again = Open();

        var answer = await AddAsync(again, 0, first);

        Assert.Equal((409, "text/x.tlog.size", "5\n"), (answer.Status, answer.ContentType, answer.Body));
        Assert.Equal(200, (await AddAsync(again, 5, first)).Status);
    }

    [Fact]
    public async Task A_log_that_shows_something_else_is_not_signed()
    {
        using var witness = Open();
        var honest = await log.GrowAsync(0, 5);
        await AddAsync(witness, 0, honest);
        using var other = new TestLog(log.Key);
        var sameSize = await other.GrowAsync(100, 5);
        Assert.Equal(409, (await AddAsync(witness, 5, sameSize, other)).Status);
        var larger = await other.GrowAsync(200, 5);
        Assert.Equal(422, (await AddAsync(witness, 5, larger, other)).Status);
        Assert.Equal(409, (await AddAsync(witness, 0, larger, other)).Status);
        Assert.Equal(409, (await AddAsync(witness, 3, honest)).Status);
    }

    [Fact]
    public async Task Unknown_logs_wrong_signatures_and_broken_requests_each_have_their_answer()
    {
        using var witness = Open();
        var signed = await log.GrowAsync(0, 5);
        using var stranger = Ed25519SigningKey.Generate();
        var forged = SignedCheckpoint.Sign(
            signed.Checkpoint,
            new NoteKey(TestLog.Origin, NoteKeyKind.Ed25519, stranger.PublicKey),
            stranger
        );
        var unknown = SignedCheckpoint.Sign(
            signed.Checkpoint with
            {
                Origin = "other.example",
            },
            new NoteKey("other.example", NoteKeyKind.Ed25519, log.Key.PublicKey),
            log.Key
        );

        Assert.Equal(403, (await witness.AddAsync(new WitnessRequest(0, [], forged.Note).ToBytes(), Token)).Status);
        Assert.Equal(404, (await witness.AddAsync(new WitnessRequest(0, [], unknown.Note).ToBytes(), Token)).Status);
        Assert.Equal(400, (await witness.AddAsync(new WitnessRequest(6, [], signed.Note).ToBytes(), Token)).Status);
        foreach (var broken in (string[])["", "old 0\n", "old x\n\n" + signed, "old 0\nAAAA\n\n" + signed, "old 0\n\nbuilds.example\n"])
            Assert.Equal(400, (await witness.AddAsync(Encoding.UTF8.GetBytes(broken), Token)).Status);
    }

    [Fact]
    public async Task A_log_asks_its_witnesses_and_publishes_what_they_sign()
    {
        using var witness = Open();
        using var http = new HttpClient(new WitnessHandler(witness));
        await using var sequencer = await log.OpenAsync();
        var clock = new FakeTimeProvider(Now);
        var pusher = new WitnessPusher(sequencer, [Client(http, witness)], clock, NullLogger<WitnessPusher>.Instance);

        foreach (var first in (int[])[0, 3, 300])
        {
            await sequencer.AppendAsync(TestLog.Leaves(first, 3), Token);
            await pusher.PushAsync(Token);
            Assert.NotNull(log.Published().Note.SignatureOf(witness.Key));
        }
    }

    [Fact]
    public async Task A_restarted_log_learns_from_the_witness_what_it_signed()
    {
        using var witness = Open();
        using var http = new HttpClient(new WitnessHandler(witness));
        for (var round = 0; round < 2; round++)
        {
            await using var sequencer = await log.OpenAsync();
            await sequencer.AppendAsync(TestLog.Leaves(round * 10, 10), Token);
            var line = await Client(http, witness).CosignAsync(sequencer.Checkpoint, Prove(sequencer), Token);
            Assert.True(witness.Key.Verify(sequencer.Checkpoint.Note.Text, line));
        }
    }

    [Fact]
    public async Task A_log_and_its_state_restored_from_one_backup_are_told_by_the_witness()
    {
        using var witness = Open();
        using var http = new HttpClient(new WitnessHandler(witness));
        await log.GrowAsync(0, 10);
        var (oldPublic, oldState) = (log.Snapshot(log.Public, "old-public"), log.Snapshot(log.State, "old-state"));
        await using (var sequencer = await log.OpenAsync())
        {
            await sequencer.AppendAsync(TestLog.Leaves(10, 10), Token);
            await Client(http, witness).CosignAsync(sequencer.Checkpoint, Prove(sequencer), Token);
        }
        log.Restore(oldPublic, log.Public);
        log.Restore(oldState, log.State);
        await using var forked = await log.OpenAsync();
        await forked.AppendAsync(TestLog.Leaves(1000, 1), Token);

        var smaller = await Assert.ThrowsAsync<LogForkException>(() =>
            Client(http, witness).CosignAsync(forked.Checkpoint, Prove(forked), Token)
        );
        Assert.Contains("20", smaller.Message, StringComparison.Ordinal);
        await forked.AppendAsync(TestLog.Leaves(1001, 9), Token);
        await Assert.ThrowsAsync<LogForkException>(() => Client(http, witness).CosignAsync(forked.Checkpoint, Prove(forked), Token));
    }

    private Witness Open() => Witness.Open(state["witness"], "witness.example", key, [log.Verifier], new FakeTimeProvider(Now));

    private static WitnessClient Client(HttpClient http, Witness witness) =>
        new(http, new WitnessAddress(witness.Key, new Uri("http://witness.example/")));

    private static Func<long, ValueTask<IReadOnlyList<Sha256Digest>>> Prove(LogSequencer sequencer)
    {
        var signed = sequencer.Checkpoint;
        return oldSize => sequencer.ConsistencyAsync(oldSize, signed, Token);
    }

    private static async Task<WitnessAnswer> AddAsync(Witness witness, long oldSize, SignedCheckpoint signed, TestLog of)
    {
        var proof = await new TileTree(new LogFiles(of.Public), signed.Size).ProveConsistencyAsync(oldSize, Token);
        return await witness.AddAsync(new WitnessRequest(oldSize, proof, signed.Note).ToBytes(), Token);
    }

    private Task<WitnessAnswer> AddAsync(Witness witness, long oldSize, SignedCheckpoint signed) => AddAsync(witness, oldSize, signed, log);

    private static string OriginHash(string origin) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(origin)));

    /// <summary>The witness as a server, without a network.</summary>
    private sealed class WitnessHandler(Witness witness) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.Equal("http://witness.example/add-checkpoint", request.RequestUri!.ToString());
            var answer = await witness.AddAsync(await request.Content!.ReadAsByteArrayAsync(cancellationToken), cancellationToken);
            return new HttpResponseMessage((HttpStatusCode)answer.Status) { Content = new StringContent(answer.Body) };
        }
    }
}
