using System.Security.Cryptography;
using Builder.Analysis.Values;
using Builder.Storage.Artifacts;
using Builder.Storage.Files;
using Microsoft.Extensions.Time.Testing;

namespace Builder.Storage.Tests.Artifacts;

/// <summary>What is read from the store is what its hash says, or nothing.</summary>
public sealed class ContentCheckTests : IDisposable
{
    private const int Mebibyte = 1 << 20;

    private readonly Testing.TemporaryDirectory folder = new();
    private readonly FakeTimeProvider clock = new() { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) };
    private readonly DataDirectory directory;
    private readonly DamagedContents damaged = new();

    public ContentCheckTests() => directory = new DataDirectory(folder["data"]);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Mebibyte)]
    [InlineData(Mebibyte + 1)]
    [InlineData((3 * Mebibyte) + 12345)]
    public async Task A_content_is_read_as_it_was_stored(int length)
    {
        var (digest, bytes) = Put(length);

        Assert.Equal(bytes, await ReadAsync(Store(), digest));
        // Once more by a new process, which goes by the hashes of the pieces.
        Assert.Equal(bytes, await ReadAsync(Store(), digest));
        Assert.Equal(length > Mebibyte, File.Exists(directory.OfChunks(digest)));
    }

    [Fact]
    public async Task Each_flipped_bit_of_a_small_content_is_found_before_a_byte_is_given_out()
    {
        var (digest, bytes) = Put(40);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            Flip(digest, bit / 8, bit % 8);
            await Assert.ThrowsAsync<DamagedContentException>(async () => await Store().OpenAsync(digest, Cancellation));
            Flip(digest, bit / 8, bit % 8);
        }
        Assert.Equal(bytes, await ReadAsync(Store(), digest));
        Assert.Empty(damaged.All);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task A_content_of_another_size_is_not_opened(int change)
    {
        var (digest, _) = Put(3 * Mebibyte);
        await ReadAsync(Store(), digest);
        using (var file = File.OpenWrite(directory.OfArtifact(digest)))
            file.SetLength(file.Length + change);

        await Assert.ThrowsAsync<DamagedContentException>(async () => await Store().OpenAsync(digest, Cancellation));

        Assert.Single(damaged.All);
    }

    [Fact]
    public async Task A_range_reads_and_checks_only_the_pieces_it_touches()
    {
        var (digest, bytes) = Put(4 * Mebibyte);
        await ReadAsync(Store(), digest);
        Flip(digest, (2 * Mebibyte) + 77, 3);

        Assert.Equal(bytes[(Mebibyte - 5)..(Mebibyte + 5)], await ReadAsync(Store(), digest, Mebibyte - 5, 10));
        Assert.Equal(bytes[(3 * Mebibyte)..], await ReadAsync(Store(), digest, 3 * Mebibyte, Mebibyte));
        Assert.Empty(damaged.All);
        await Assert.ThrowsAsync<DamagedContentException>(() => ReadAsync(Store(), digest, (2 * Mebibyte) + 500_000, 1));
        Assert.Equal(digest, Assert.Single(damaged.All).Digest);
    }

    [Fact]
    public async Task No_wrong_byte_of_a_large_content_is_given_out()
    {
        var (digest, bytes) = Put(4 * Mebibyte);
        await ReadAsync(Store(), digest);
        Flip(digest, (2 * Mebibyte) + 77, 3);
        await using var content = await Store().OpenAsync(digest, Cancellation);
        var given = new MemoryStream();

        await Assert.ThrowsAsync<DamagedContentException>(() => content!.Stream.CopyToAsync(given, Cancellation));

        Assert.Equal(bytes[..(2 * Mebibyte)], given.ToArray());
    }

    [Fact]
    public async Task Reading_without_waiting_is_checked_as_well()
    {
        var (digest, bytes) = Put(2 * Mebibyte);
        await ReadAsync(Store(), digest);
        await using (var right = await Store().OpenAsync(digest, Cancellation))
        {
            var read = new byte[bytes.Length];
            right!.Stream.ReadExactly(read);
            Assert.Equal(bytes, read);
        }
        Flip(digest, Mebibyte + 1, 0);
        await using var content = await Store().OpenAsync(digest, Cancellation);
        content!.Stream.Seek(-10, SeekOrigin.End);

        Assert.Throws<DamagedContentException>(() => content.Stream.ReadByte());
    }

    [Fact]
    public async Task What_was_right_a_moment_ago_is_hashed_again_as_soon_as_somebody_writes_to_it()
    {
        var (digest, _) = Put(100);
        var store = Store();
        await ReadAsync(store, digest);
        await ReadAsync(store, digest);
        Flip(digest, 50, 0);

        await Assert.ThrowsAsync<DamagedContentException>(() => ReadAsync(store, digest));
    }

    [Fact]
    public async Task Lost_or_torn_hashes_of_pieces_are_made_anew()
    {
        var (digest, bytes) = Put(3 * Mebibyte);
        await ReadAsync(Store(), digest);
        var whole = await File.ReadAllBytesAsync(directory.OfChunks(digest), Cancellation);
        foreach (
            var torn in (byte[][])
                [
                    [],
                    whole[..^1],
                    whole[..50],
                    [.. whole[..20], (byte)(whole[20] ^ 1), .. whole[21..]],
                ]
        )
        {
            await File.WriteAllBytesAsync(directory.OfChunks(digest), torn, Cancellation);
            Assert.Equal(bytes, await ReadAsync(Store(), digest));
            Assert.Equal(whole, await File.ReadAllBytesAsync(directory.OfChunks(digest), Cancellation));
        }
    }

    [Fact]
    public async Task A_damaged_content_is_replaced_by_the_next_upload_of_it()
    {
        var (digest, bytes) = Put(100);
        var store = Store();
        Flip(digest, 7, 7);
        await Assert.ThrowsAsync<DamagedContentException>(() => ReadAsync(store, digest));
        Assert.False(await store.ExistsAsync(digest, Cancellation));
        await File.WriteAllBytesAsync(folder["staged"], bytes, Cancellation);

        await store.PublishAsync(folder["staged"], digest, Cancellation);

        Assert.Equal(bytes, await ReadAsync(store, digest));
        Assert.Empty(damaged.All);
    }

    [Fact]
    public async Task The_check_in_the_background_finds_damage_and_says_when_it_was_last_through()
    {
        var contents = Enumerable.Range(0, 20).Select(number => Put(1000 + number).Digest).ToList();
        Flip(contents[3], 5, 5);
        var scrub = Scrub();
        Assert.True(scrub.NextPass <= clock.GetUtcNow());

        Assert.True(await scrub.RunAsync(Mebibyte, Cancellation));

        Assert.Equal(contents[3], Assert.Single(damaged.All).Digest);
        Assert.Equal(20, scrub.State.Checked);
        Assert.Equal(scrub.State.Finished + ContentScrub.Interval, scrub.NextPass);
        // It is known after a restart, until it is found right.
        var again = new DamagedContents();
        var after = new ContentScrub(directory, new ContentCheck(directory, again, clock), clock);
        Assert.Equal(contents[3], Assert.Single(again.All).Digest);
        Assert.Equal(scrub.State.Finished, after.State.Finished);
        Flip(contents[3], 5, 5);
        Assert.True(await after.RunAsync(Mebibyte, Cancellation));
        Assert.Empty(again.All);
    }

    [Fact]
    public async Task The_check_in_the_background_goes_on_where_it_was_stopped()
    {
        for (var number = 0; number < 30; number++)
            Put(1000 + number);
        using var stop = new CancellationTokenSource();
        var first = Put(2 * Mebibyte).Digest;
        var scrub = Scrub();
        damaged.Found += _ => stop.Cancel();
        Flip(first, 9, 0);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scrub.RunAsync(1000 * Mebibyte, stop.Token));
        var checkedSoFar = scrub.State.CheckedSoFar;

        var after = Scrub();
        Assert.Equal(checkedSoFar, after.State.CheckedSoFar);
        Assert.True(await after.RunAsync(1000 * Mebibyte, Cancellation));

        Assert.Equal(31, after.State.Checked);
    }

    [Fact]
    public async Task Two_processes_do_not_check_at_the_same_time()
    {
        Put(1000);
        using var other = new FileStream(directory.CheckState + ".lock", FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);

        Assert.False(await Scrub().RunAsync(Mebibyte, Cancellation));
    }

    [Fact]
    public async Task It_reads_no_faster_than_it_may()
    {
        var waiting = new FakeTimeProvider();
        Put(3 * Mebibyte);
        var scrub = new ContentScrub(directory, new ContentCheck(directory, damaged, waiting), waiting);
        var pass = scrub.RunAsync(Mebibyte, Cancellation);
        while (!pass.IsCompleted)
        {
            waiting.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
        await pass;

        Assert.True(waiting.GetUtcNow() - waiting.Start >= TimeSpan.FromSeconds(3));
    }

    private ContentScrub Scrub() => new(directory, new ContentCheck(directory, damaged, clock), clock);

    private FileArtifactStore Store() => new(directory, new DurableFiles(), new ContentCheck(directory, damaged, clock));

    private (Sha256Digest Digest, byte[] Content) Put(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        var digest = Sha256Digest.FromBytes(SHA256.HashData(bytes));
        Directory.CreateDirectory(Path.GetDirectoryName(directory.OfArtifact(digest))!);
        File.WriteAllBytes(directory.OfArtifact(digest), bytes);
        return (digest, bytes);
    }

    private void Flip(Sha256Digest digest, long offset, int bit)
    {
        using var file = new FileStream(directory.OfArtifact(digest), FileMode.Open, FileAccess.ReadWrite);
        file.Position = offset;
        var value = file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)(value ^ (1 << bit)));
    }

    private static async Task<byte[]> ReadAsync(FileArtifactStore store, Sha256Digest digest, long offset = 0, int? count = null)
    {
        await using var content = await store.OpenAsync(digest, Cancellation);
        Assert.NotNull(content);
        content.Stream.Seek(offset, SeekOrigin.Begin);
        var bytes = new byte[count ?? content.Length];
        await content.Stream.ReadExactlyAsync(bytes, Cancellation);
        return bytes;
    }
}
