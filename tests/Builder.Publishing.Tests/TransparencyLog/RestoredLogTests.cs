using Builder.Proof.Log;
using Builder.Publishing.TransparencyLog;

namespace Builder.Publishing.Tests.TransparencyLog;

/// <summary>Crashes and restored backups: any mixture of older and newer files is made whole, or refused without a change; never continued as another log.</summary>
public sealed class RestoredLogTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Public_files_of_an_older_backup_are_refused()
    {
        using var log = new TestLog();
        await log.GrowAsync(0, 300);
        var old = log.Snapshot(log.Public, "backup");
        await log.GrowAsync(300, 10);
        log.Restore(old, log.Public);

        var refusal = await Assert.ThrowsAsync<LogException>(() => log.OpenAsync());

        Assert.Contains(log.Public, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(300, log.Published().Size);
    }

    [Fact]
    public async Task Public_files_that_are_gone_are_refused()
    {
        using var log = new TestLog();
        await log.GrowAsync(0, 300);
        Directory.Delete(log.Public, recursive: true);

        await Assert.ThrowsAsync<LogException>(() => log.OpenAsync());
    }

    [Fact]
    public async Task State_of_an_older_backup_goes_on_from_what_was_published()
    {
        using var log = new TestLog();
        await log.GrowAsync(0, 300);
        var old = log.Snapshot(log.State, "backup");
        var newest = await log.GrowAsync(300, 10);
        log.Restore(old, log.State);

        Assert.Equal(311, (await log.GrowAsync(310, 1)).Size);

        await log.AssertContinuesAsync(newest);
        Assert.Equal(311, (await log.ReadAllAsync()).Count);
    }

    [Fact]
    public async Task State_that_is_gone_is_refused_and_a_checkpoint_put_there_is_continued()
    {
        using var log = new TestLog();
        var newest = await log.GrowAsync(0, 300);
        Directory.Delete(log.State, recursive: true);

        var refusal = await Assert.ThrowsAsync<LogException>(() => log.OpenAsync());
        Assert.Contains("copy it there", refusal.Message, StringComparison.Ordinal);

        File.Copy(Path.Combine(log.Public, "checkpoint"), Path.Combine(log.State, "checkpoint"));
        await using var sequencer = await log.OpenAsync();
        Assert.Equal([300L, 7L], await sequencer.AppendAsync([.. TestLog.Leaves(300, 1), .. TestLog.Leaves(7, 1)], Token));
        await log.AssertContinuesAsync(newest);
    }

    [Fact]
    public async Task A_log_that_went_another_way_from_an_old_backup_is_refused()
    {
        using var log = new TestLog();
        await log.GrowAsync(0, 300);
        var (oldPublic, oldState) = (log.Snapshot(log.Public, "old-public"), log.Snapshot(log.State, "old-state"));
        await log.GrowAsync(300, 10);
        var newState = log.Snapshot(log.State, "new-state");
        log.Restore(oldPublic, log.Public);
        log.Restore(oldState, log.State);
        await log.GrowAsync(1000, 20);
        log.Restore(newState, log.State);

        await Assert.ThrowsAsync<LogException>(() => log.OpenAsync());

        Assert.Equal(320, log.Published().Size);
    }

    [Fact]
    public async Task Tiles_that_a_power_failure_took_are_written_again_from_the_journal()
    {
        using var log = new TestLog();
        await log.GrowAsync(0, 250);
        var before = log.Snapshot(log.Public, "before");
        string state;
        SignedCheckpoint newest;
        await using (var sequencer = await log.OpenAsync())
        {
            for (var first = 250; first < 262; first += 3)
                await sequencer.AppendAsync(TestLog.Leaves(first, 3), Token);
            newest = sequencer.Checkpoint;
            state = log.Snapshot(log.State, "state-after");
        }
        log.Restore(state, log.State);
        log.Restore(before, log.Public);

        await using var again = await log.OpenAsync();

        Assert.Equal(newest.Note.Text, again.Checkpoint.Note.Text);
        Assert.Equal(262, (await log.ReadAllAsync()).Count);
    }

    [Fact]
    public async Task A_journal_that_ends_anywhere_inside_its_last_record_loses_that_record_alone()
    {
        using var log = new TestLog();
        await log.GrowAsync(0, 2);
        var before = log.Snapshot(log.Public, "before");
        string state;
        await using (var sequencer = await log.OpenAsync())
        {
            await sequencer.AppendAsync(TestLog.Leaves(2, 1), Token);
            await sequencer.AppendAsync(TestLog.Leaves(3, 2), Token);
            state = log.Snapshot(log.State, "state-after");
        }
        var journal = await File.ReadAllBytesAsync(Path.Combine(state, "journal"), Token);
        var secondRecord = 4;
        while (!journal.AsSpan(secondRecord).StartsWith("tlj1"u8))
            secondRecord++;
        var end = journal.AsSpan().LastIndexOfAnyExcept((byte)0);
        for (var length = secondRecord; length < end; length += 5)
        {
            log.Restore(state, log.State);
            log.Restore(before, log.Public);
            var cut = (byte[])journal.Clone();
            cut.AsSpan(length).Clear();
            await File.WriteAllBytesAsync(Path.Combine(log.State, "journal"), cut, Token);

            await using var again = await log.OpenAsync();
            Assert.Equal(3, again.Checkpoint.Size);
        }
    }

    [Fact]
    public async Task Damage_in_the_journal_before_its_end_is_refused()
    {
        using var log = new TestLog();
        string state;
        await using (var sequencer = await log.OpenAsync())
        {
            await sequencer.AppendAsync(TestLog.Leaves(0, 1), Token);
            await sequencer.AppendAsync(TestLog.Leaves(1, 1), Token);
            state = log.Snapshot(log.State, "state-after");
        }
        log.Restore(state, log.State);
        var path = Path.Combine(log.State, "journal");
        var journal = await File.ReadAllBytesAsync(path, Token);
        journal[20] ^= 1;
        await File.WriteAllBytesAsync(path, journal, Token);

        var refusal = await Assert.ThrowsAsync<LogException>(() => log.OpenAsync());

        Assert.Contains("damaged", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tile/0/001.p/44")]
    [InlineData("tile/entries/001.p/44")]
    [InlineData("tile/1/000.p/1")]
    public async Task A_damaged_tile_at_the_edge_is_refused(string tile)
    {
        using var log = new TestLog();
        await log.GrowAsync(0, 300);
        var path = Path.Combine(log.Public, tile);
        var bytes = await File.ReadAllBytesAsync(path, Token);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Token);

        await Assert.ThrowsAsync<LogException>(() => log.OpenAsync());
    }

    [Fact]
    public async Task Partial_tiles_of_older_checkpoints_that_a_power_failure_damaged_are_written_again()
    {
        using var log = new TestLog();
        await log.GrowAsync(0, 5);
        await log.GrowAsync(5, 5);
        foreach (var tile in (string[])["tile/0/000.p/5", "tile/entries/000.p/5"])
            await File.WriteAllTextAsync(Path.Combine(log.Public, tile), "", Token);

        var old = await log.GrowAsync(10, 1);

        Assert.Equal(160, new FileInfo(Path.Combine(log.Public, "tile/0/000.p/5")).Length);
        Assert.Equal("entry 4", System.Text.Encoding.UTF8.GetString(new PublishedLog(log.Public).Entry(4, 5).Span));
        Assert.Equal(11, old.Size);
    }

    [Fact]
    public async Task An_index_that_is_lost_or_damaged_is_made_again()
    {
        using var log = new TestLog();
        await log.GrowAsync(0, 300);
        var path = Path.Combine(log.State, "leaves.db");
        await File.WriteAllTextAsync(path, "no database", Token);
        File.Delete(path + "-wal");

        await using var sequencer = await log.OpenAsync();

        Assert.Equal([299L, 300L], await sequencer.AppendAsync(TestLog.Leaves(299, 2), Token));
    }
}
