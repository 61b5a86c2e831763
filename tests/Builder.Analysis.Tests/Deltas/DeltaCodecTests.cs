using System.Buffers.Binary;
using System.Diagnostics;
using Builder.Analysis.Deltas;
using Builder.Analysis.Values;
using Builder.Testing;

namespace Builder.Analysis.Tests.Deltas;

public sealed class DeltaCodecTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 100)]
    [InlineData(5_000, 5_000)]
    [InlineData(300_000, 250_000)]
    [InlineData(3_000_000, 3_100_000)]
    public async Task A_patch_makes_the_content_and_so_does_stock_zstd(int before, int after)
    {
        var (old, content) = Pair(before, after);
        using var delta = Delta(old, content);

        using var made = DeltaCodec.Apply(delta, Native(old), Sha256Digest.Of(old), content.Length);

        Assert.True(made.Span.SequenceEqual(content));
        Assert.Equal(Sha256Digest.Of(old), DeltaFrame.BaseOf(delta.Span));
        using var folder = new TemporaryDirectory();
        await File.WriteAllBytesAsync(folder["old"], old, Cancellation);
        await File.WriteAllBytesAsync(folder["delta"], delta.Span.ToArray(), Cancellation);
        await ZstdAsync(["-d", "-q", "--long=31", $"--patch-from={folder["old"]}", folder["delta"], "-o", folder["new"]]);
        Assert.Equal(content, await File.ReadAllBytesAsync(folder["new"], Cancellation));
    }

    [Fact]
    public async Task A_patch_that_stock_zstd_made_makes_the_content()
    {
        var (old, content) = Pair(300_000, 310_000);
        using var folder = new TemporaryDirectory();
        await File.WriteAllBytesAsync(folder["old"], old, Cancellation);
        await File.WriteAllBytesAsync(folder["new"], content, Cancellation);
        await ZstdAsync(["-q", "-12", $"--patch-from={folder["old"]}", folder["new"], "-o", folder["delta"]]);
        var header = new byte[DeltaFrame.HeaderLength];
        DeltaFrame.WriteHeader(header, Sha256Digest.Of(old));

        using var delta = Native([.. header, .. await File.ReadAllBytesAsync(folder["delta"], Cancellation)]);
        using var made = DeltaCodec.Apply(delta, Native(old), Sha256Digest.Of(old), content.Length);

        Assert.True(made.Span.SequenceEqual(content));
    }

    [Fact]
    public void A_wrong_base_is_refused_by_its_hash_and_found_by_the_checksum()
    {
        var (old, content) = Pair(100_000, 100_000);
        using var delta = Delta(old, content);
        old[500] ^= 1;
        using var other = Native(old);

        Assert.Throws<InvalidDataException>(() => DeltaCodec.Apply(delta, other, Sha256Digest.Of(old), content.Length));
        Assert.Throws<InvalidDataException>(() => DeltaCodec.Apply(delta, other, DeltaFrame.BaseOf(delta.Span), content.Length));
    }

    [Fact]
    public void What_would_be_too_large_is_not_made()
    {
        var random = new byte[100_000];
        new Random(1).NextBytes(random);
        using var content = Native(random);

        Assert.Null(DeltaCodec.TryPack(content, 95_000));
        using var packed = DeltaCodec.TryPack(content, 101_000);
        Assert.NotNull(packed);
        using var made = DeltaCodec.Unpack(packed, random.Length);
        Assert.True(made.Span.SequenceEqual(random));
    }

    [Fact]
    public void A_frame_that_announces_another_size_or_is_not_alone_is_refused_before_memory_is_taken()
    {
        var (old, content) = Pair(1, 100_000);
        using var packed = DeltaCodec.TryPack(Native(content), content.Length + 1000)!;
        // Single segment, 8 bytes of content size: 1 EiB.
        byte[] huge = [0x28, 0xb5, 0x2f, 0xfd, 0b1110_0100, 0, 0, 0, 0, 0, 0, 0, 0x10, 1, 0, 0];
        // A window of 3.75 TiB, no content size.
        byte[] window = [0x28, 0xb5, 0x2f, 0xfd, 0b0000_0100, 0xff, 1, 0, 0, 0, 0, 0, 0];

        Assert.Throws<InvalidDataException>(() => DeltaCodec.Unpack(packed, content.Length + 1));
        Assert.Throws<InvalidDataException>(() => DeltaCodec.Unpack(Native(huge), 1L << 60));
        Assert.Throws<InvalidDataException>(() => DeltaCodec.Unpack(Native(huge), content.Length));
        Assert.Throws<InvalidDataException>(() => DeltaCodec.Unpack(Native(window), content.Length));
        Assert.Throws<InvalidDataException>(() => DeltaCodec.Unpack(Native([.. packed.Span, .. packed.Span]), content.Length));
        Assert.Throws<InvalidDataException>(() => DeltaCodec.Unpack(Native([]), content.Length));
        Assert.Throws<InvalidDataException>(() => DeltaCodec.Unpack(Native([]), 0));
        Assert.Throws<InvalidDataException>(() => DeltaFrame.BaseOf(packed.Span));
    }

    [Fact]
    public void Damage_anywhere_is_an_error_and_never_other_bytes()
    {
        var (old, content) = Pair(20_000, 20_000);
        using var delta = Delta(old, content);
        var random = new Random(7);
        using var before = Native(old);
        var refused = 0;
        for (var attempt = 0; attempt < 3000; attempt++)
        {
            var bytes = delta.Span.ToArray();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
                bytes[random.Next(DeltaFrame.HeaderLength, bytes.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0)
                bytes = bytes[..random.Next(bytes.Length)];
            using var damaged = Native(bytes);
            try
            {
                using var made = DeltaCodec.Apply(damaged, before, Sha256Digest.Of(old), content.Length);
                Assert.True(made.Span.SequenceEqual(content), Convert.ToHexString(bytes));
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 2500, 3000);
    }

    private static (byte[] Old, byte[] New) Pair(int before, int after)
    {
        var random = new Random(before);
        var old = new byte[before];
        random.NextBytes(old);
        var content = new byte[after];
        random.NextBytes(content);
        // Moved, with changes in between.
        for (var start = 0; start + 1000 < Math.Min(before, after) - 64; start += 1000)
            old.AsSpan(start, 900).CopyTo(content.AsSpan(start + 64));
        BinaryPrimitives.WriteInt32LittleEndian(content, after);
        return (old, content);
    }

    private static NativeBytes Native(ReadOnlySpan<byte> bytes)
    {
        var native = new NativeBytes(bytes.Length);
        bytes.CopyTo(native.Span);
        return native;
    }

    private static NativeBytes Delta(byte[] old, byte[] content)
    {
        using var before = Native(old);
        using var after = Native(content);
        return DeltaCodec.TryMakeDelta(after, before, Sha256Digest.Of(old), content.Length + 1000)
            ?? throw new InvalidOperationException("no patch");
    }

    private static async Task ZstdAsync(string[] arguments)
    {
        using var zstd = Process.Start("zstd", arguments);
        await zstd.WaitForExitAsync(Cancellation);
        Assert.Equal(0, zstd.ExitCode);
    }
}
