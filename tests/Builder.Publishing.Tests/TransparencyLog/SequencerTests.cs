using System.Text;
using Builder.Proof.Keys;
using Builder.Proof.Log;
using Builder.Publishing.TransparencyLog;

namespace Builder.Publishing.Tests.TransparencyLog;

public sealed class SequencerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_log_is_published_empty()
    {
        using var log = new TestLog();
        await using var sequencer = await log.OpenAsync();

        Assert.Equal(0, log.Published().Size);
        Assert.Equal(MerkleHash.Empty, log.Published().Checkpoint.Root);
    }

    [Fact]
    public async Task Entries_are_read_and_proven_from_the_public_files_alone()
    {
        using var log = new TestLog();
        var places = new List<long>();
        await using (var sequencer = await log.OpenAsync())
        {
            for (var first = 0; first < 1000; first += 100)
                places.AddRange(await sequencer.AppendAsync(TestLog.Leaves(first, 100), Token));
        }

        Assert.Equal(Enumerable.Range(0, 1000).Select(static place => (long)place), places);
        Assert.Equal(Enumerable.Range(0, 1000).Select(static number => $"entry {number}"), await log.ReadAllAsync());
        var published = new PublishedLog(log.Public);
        var proof = await published.ProveAsync(777, published.Checkpoint()!, Token);
        Assert.Equal(1000, TlogProof.Parse(proof.ToBytes()).Verify("entry 777"u8, log.Verifier).Size);
    }

    [Fact]
    public async Task An_entry_that_is_there_keeps_its_place_also_after_a_restart_and_within_a_batch()
    {
        using var log = new TestLog();
        await log.GrowAsync(0, 300);
        await using var sequencer = await log.OpenAsync();

        var places = await sequencer.AppendAsync(
            [.. TestLog.Leaves(299, 1), .. TestLog.Leaves(300, 2), .. TestLog.Leaves(301, 1), .. TestLog.Leaves(5, 1)],
            Token
        );

        Assert.Equal([299L, 300L, 301L, 301L, 5L], places);
        Assert.Equal(302, sequencer.Checkpoint.Size);
    }

    [Fact]
    public async Task Many_callers_at_once_each_get_their_place()
    {
        using var log = new TestLog();
        await using var sequencer = await log.OpenAsync();

        var all = await Task.WhenAll(
            Enumerable.Range(0, 500).Select(async number => (number, (await sequencer.AppendAsync(TestLog.Leaves(number, 1), Token))[0]))
        );

        var entries = await log.ReadAllAsync();
        Assert.Equal(500, entries.Count);
        Assert.All(all, pair => Assert.Equal($"entry {pair.number}", entries[(int)pair.Item2]));
    }

    [Fact]
    public async Task The_partial_tiles_of_every_published_checkpoint_stay_readable()
    {
        using var log = new TestLog();
        var checkpoints = new List<SignedCheckpoint>();
        await using (var sequencer = await log.OpenAsync())
        {
            for (var first = 0; first < 600; first += 37)
            {
                await sequencer.AppendAsync(TestLog.Leaves(first, 37), Token);
                checkpoints.Add(sequencer.Checkpoint);
            }
        }

        foreach (var old in checkpoints)
        {
            await log.AssertContinuesAsync(old);
            var tree = new TileTree(new LogFiles(log.Public), old.Size);
            Assert.Equal(old.Checkpoint.Root, await tree.RootAsync(Token));
            Assert.Equal($"entry {old.Size - 1}", Encoding.UTF8.GetString(new PublishedLog(log.Public).Entry(old.Size - 1, old.Size).Span));
        }
        Assert.False(Directory.Exists(Path.Combine(log.Public, "tile/0/000.p")), "the partial forms of a full tile are gone");
    }

    [Fact]
    public async Task Only_one_process_adds_to_a_log()
    {
        using var log = new TestLog();
        await using var sequencer = await log.OpenAsync();

        var refusal = await Assert.ThrowsAsync<LogException>(() => log.OpenAsync());

        Assert.Contains("another process", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_is_continued_only_under_its_name_and_with_its_key()
    {
        using var log = new TestLog();
        await log.GrowAsync(0, 3);
        using var otherKey = Ed25519SigningKey.Generate();

        await Assert.ThrowsAsync<LogException>(() =>
            LogSequencer.OpenAsync(log.Settings with { Origin = "other.example" }, log.Key, Token)
        );
        await Assert.ThrowsAsync<LogException>(() => LogSequencer.OpenAsync(log.Settings, otherKey, Token));
        Assert.Equal(4, (await log.GrowAsync(3, 1)).Size);
    }

    [Fact]
    public async Task Entries_that_no_bundle_can_hold_are_refused()
    {
        using var log = new TestLog();
        await using var sequencer = await log.OpenAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => sequencer.AppendAsync([new byte[EntryBundle.MaxEntryLength + 1]], Token));
        await Assert.ThrowsAsync<ArgumentException>(() => sequencer.AppendAsync([ReadOnlyMemory<byte>.Empty], Token));
        Assert.Equal([0L], await sequencer.AppendAsync([new byte[EntryBundle.MaxEntryLength]], Token));
    }

    [Fact]
    public async Task A_batch_that_failed_half_way_is_whole_or_absent_for_the_next()
    {
        using var log = new TestLog();
        await using var sequencer = await log.OpenAsync();
        await sequencer.AppendAsync(TestLog.Leaves(0, 2), Token);
        // A file where the next directory of tiles must be.
        await File.WriteAllTextAsync(Path.Combine(log.Public, "tile/0/001.p"), "", Token);

        await Assert.ThrowsAsync<LogException>(() => sequencer.AppendAsync(TestLog.Leaves(2, 300), Token));
        File.Delete(Path.Combine(log.Public, "tile/0/001.p"));
        var places = await sequencer.AppendAsync(TestLog.Leaves(0, 310), Token);

        Assert.Equal(Enumerable.Range(0, 310).Select(static place => (long)place), places);
        Assert.Equal(310, (await log.ReadAllAsync()).Count);
    }

    [Fact]
    public async Task Signatures_of_witnesses_stay_below_the_checkpoint_until_the_next_one()
    {
        using var log = new TestLog();
        using var secret = Ed25519SigningKey.Generate();
        var witness = new NoteKey("witness.example", NoteKeyKind.Cosignature, secret.PublicKey);
        await log.GrowAsync(0, 3);
        await using (var sequencer = await log.OpenAsync())
        {
            var signed = sequencer.Checkpoint;
            Assert.True(
                await sequencer.KeepAsync(signed, [Cosignature.Sign(signed.Note.Text, witness, secret, DateTimeOffset.UnixEpoch)], Token)
            );
        }

        await using var again = await log.OpenAsync();
        var old = again.Checkpoint;
        Assert.NotNull(log.Published().Note.SignatureOf(witness));
        await again.AppendAsync(TestLog.Leaves(3, 1), Token);
        Assert.Null(log.Published().Note.SignatureOf(witness));
        Assert.False(await again.KeepAsync(old, [], Token));
    }

    [Fact]
    public async Task Everybody_may_read_the_public_files_and_nobody_the_state()
    {
        using var log = new TestLog();
        await log.GrowAsync(0, 3);

        foreach (var file in Directory.EnumerateFiles(log.Public, "*", SearchOption.AllDirectories))
            Assert.True(File.GetUnixFileMode(file).HasFlag(UnixFileMode.OtherRead), file);
        foreach (var file in Directory.EnumerateFiles(log.State))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }
}
