using Builder.Cli.Log;
using Builder.Proof.Log;
using Builder.Testing;

namespace Builder.Cli.Tests.Log;

/// <summary>A monitor on another machine, and a site that does with its log what it must not.</summary>
public sealed class LogCheckTests : IDisposable
{
    private readonly TemporaryDirectory state = new();
    private readonly WatchedSite site = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        site.Dispose();
        state.Dispose();
    }

    [Fact]
    public async Task A_log_that_grows_is_right_and_its_key_is_pinned_at_first_contact()
    {
        await site.SignAsync(3);
        Assert.Contains("first contact", (await CheckAsync()).Summary, StringComparison.Ordinal);
        await site.SignAsync(300);

        var report = await CheckAsync();

        Assert.Empty(report.Findings);
        Assert.Equal("builds.example: 303 entries, 300 new, 0 signatures of witnesses", report.Summary);
        Assert.Equal(303, Followed().Checkpoint(Followed().Key()!)!.Size);
    }

    [Fact]
    public async Task A_statement_that_the_site_does_not_show_is_found_again_and_again_until_it_does()
    {
        await site.SignAsync(3);
        site.Statements.Remove(1, out var hidden);
        Assert.Equal(["entry 1: the site does not show the hashedrekord statement that it signed"], (await CheckAsync()).Findings);
        Assert.Single((await CheckAsync()).Findings);

        site.Statements[1] = hidden!;
        Assert.Empty((await CheckAsync()).Findings);
    }

    [Fact]
    public async Task Another_statement_in_the_place_of_the_logged_one_is_found()
    {
        await site.SignAsync(3);
        site.Statements[1] = site.Statements[2];

        Assert.Contains("another statement", Assert.Single((await CheckAsync()).Findings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forked_log_is_noticed_and_the_evidence_is_kept()
    {
        await site.SignAsync(5);
        await CheckAsync();
        using var other = new WatchedSite(key: site.Key);
        await other.SignAsync(9, "another");

        var fork = await Assert.ThrowsAsync<LogForkException>(() => CheckAsync(other));

        Assert.Contains("do not continue", fork.Message, StringComparison.Ordinal);
        var evidence = Assert.Single(Directory.EnumerateFiles(state.Path, "contradiction-*"));
        Assert.Equal(9, SignedCheckpoint.Open(await File.ReadAllBytesAsync(evidence, Token), site.Verifier).Size);
        Assert.Equal(5, Followed().Checkpoint(site.Verifier)!.Size);
    }

    [Fact]
    public async Task A_stale_checkpoint_is_noticed()
    {
        await site.SignAsync(5);
        var old = await File.ReadAllBytesAsync(Path.Combine(site.Public, "checkpoint"), Token);
        await site.SignAsync(4);
        await CheckAsync();
        site.Forged["/tlog/checkpoint"] = old;

        var stale = await Assert.ThrowsAsync<LogForkException>(() => CheckAsync());

        Assert.Contains("old checkpoint: 5 entries, it had 9", stale.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_entry_that_is_missing_or_changed_in_its_tile_is_noticed()
    {
        await site.SignAsync(5);
        var bundle = await File.ReadAllBytesAsync(Path.Combine(site.Public, "tile/entries/000.p/5"), Token);
        site.Forged["/tlog/tile/entries/000.p/5"] = bundle[..(EntryBundle.LengthOf(bundle, 4))];
        await Assert.ThrowsAsync<InvalidLogDataException>(() => CheckAsync());

        var changed = (byte[])bundle.Clone();
        changed[^20] ^= 1;
        site.Forged["/tlog/tile/entries/000.p/5"] = changed;
        await Assert.ThrowsAsync<LogForkException>(() => CheckAsync());

        site.Forged["/tlog/tile/entries/000.p/5"] = null;
        await Assert.ThrowsAsync<InvalidLogDataException>(() => CheckAsync());
    }

    [Fact]
    public async Task Another_key_or_name_than_the_pinned_one_is_refused()
    {
        await site.SignAsync(5);
        await CheckAsync();
        using var imitation = new WatchedSite();
        await imitation.SignAsync(9);
        await Assert.ThrowsAsync<InvalidLogDataException>(() => CheckAsync(imitation));

        using var renamed = new WatchedSite("other.example", site.Key);
        await renamed.SignAsync(9);
        await Assert.ThrowsAsync<InvalidLogDataException>(() => CheckAsync(renamed));
    }

    [Fact]
    public async Task At_first_contact_the_log_must_have_the_name_of_the_site_unless_its_key_is_given()
    {
        using var renamed = new WatchedSite("other.example");
        await renamed.SignAsync(2);

        await Assert.ThrowsAsync<InvalidLogDataException>(() => CheckAsync(renamed));
        Assert.Empty((await CheckAsync(renamed, renamed.Verifier)).Findings);
    }

    [Theory]
    [InlineData("")]
    [InlineData("builds.example\n")]
    [InlineData("<html>")]
    public async Task What_is_no_checkpoint_is_refused(string text)
    {
        await site.SignAsync(2);
        site.Forged["/tlog/checkpoint"] = System.Text.Encoding.UTF8.GetBytes(text);

        await Assert.ThrowsAsync<InvalidLogDataException>(() => CheckAsync());
    }

    [Fact]
    public async Task A_truncated_checkpoint_is_refused()
    {
        await site.SignAsync(2);
        var whole = await File.ReadAllBytesAsync(Path.Combine(site.Public, "checkpoint"), Token);
        for (var length = 0; length < whole.Length; length++)
        {
            site.Forged["/tlog/checkpoint"] = whole[..length];
            await Assert.ThrowsAsync<InvalidLogDataException>(() => CheckAsync());
        }
    }

    [Fact]
    public async Task A_site_without_a_log_cannot_be_checked()
    {
        site.Forged["/tlog/vkey"] = null;

        await Assert.ThrowsAsync<HttpRequestException>(() => CheckAsync());
    }

    [Fact]
    public async Task A_body_without_end_is_not_read_to_the_end()
    {
        await site.SignAsync(2);
        site.Forged["/tlog/checkpoint"] = new byte[SignedNote.MaxSizeInBytes + 1];

        await Assert.ThrowsAsync<HttpRequestException>(() => CheckAsync());
    }

    private FollowedLog Followed() => new(state.Path);

    private Task<LogReport> CheckAsync(WatchedSite? of = null, NoteKey? key = null) =>
        new LogCheck(WatchedSite.Address, (of ?? site).Client(), Followed()).RunAsync(key, Token);
}
