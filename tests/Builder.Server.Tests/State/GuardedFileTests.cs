using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Access;
using Builder.Server.Builds;
using Builder.Server.Files;
using Builder.Testing;

namespace Builder.Server.Tests.State;

/// <summary>A flipped byte in any other file of the server: the same content, or an error that names file and place.</summary>
public sealed class GuardedFileTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    [Fact]
    public void Every_byte_of_a_key_is_guarded()
    {
        var keys = new AccessKeys(directory.Path, TimeProvider.System);
        keys.Add(PeerKind.Worker, "bsd", [Platform.Parse("freebsd-14.1"), Platform.Parse("debian-12")]);
        var path = Assert.Single(Directory.GetFiles(directory["_keys"]));
        ForEachFlip(
            path,
            "_keys",
            () =>
            {
                var key = Assert.Single(keys.List());
                Assert.Equal(["freebsd-14.1", "debian-12"], key.Platforms);
                return key.Sha256;
            }
        );
    }

    [Fact]
    public void A_key_of_an_earlier_version_is_read_and_one_with_an_unknown_line_is_not()
    {
        Directory.CreateDirectory(directory["_keys"]);
        var keys = new AccessKeys(directory.Path, TimeProvider.System);
        var earlier = $"sha256 {new string('a', 64)}\ncreated 2026-11-20T10:00:00.0000000+00:00\nplatform p1\n";
        File.WriteAllText(directory["_keys/worker-old"], earlier);
        Assert.Equal(["p1"], Assert.Single(keys.List()).Platforms);

        File.WriteAllText(directory["_keys/worker-old"], earlier.Replace("platform", "qlatform", StringComparison.Ordinal));
        var error = Assert.Throws<DamagedFileException>(() => keys.List());
        Assert.Contains("worker-old is damaged at byte 114", error.Message, StringComparison.Ordinal);
        Assert.True(keys.Revoke(PeerKind.Worker, "old"));
    }

    [Fact]
    public void Every_byte_of_a_running_console_is_guarded()
    {
        var path = directory["console"];
        using var console = new LiveConsole(path, limit: 1 << 20);
        foreach (var line in (string[])["one", "", "three three three"])
            console.Append(new ConsoleLine(7, ByteString.FromUtf8(line)));
        console.Flush();
        ForEachFlip(
            path,
            "console",
            () =>
                string.Join(
                    '|',
                    console.ToSource().NewestFirst.ToBlockingEnumerable().Select(line => $"{line.DeltaNanoseconds} {line.Text}")
                )
        );
    }

    [Fact]
    public async Task Every_byte_of_a_finished_build_is_guarded()
    {
        var path = directory["full"];
        await using (var file = new SummingFile(path))
        {
            await file.Stream.WriteAsync(new byte[PieceChecksums.PieceSize], TestContext.Current.CancellationToken);
            await file.Stream.WriteAsync("the rest of it"u8.ToArray(), TestContext.Current.CancellationToken);
            var checksums = file.End();
            Assert.Equal(2 * sizeof(uint), checksums.Length);
            await file.DisposeAsync();
            var whole = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(whole, await ReadAsync(path, checksums));
            foreach (var place in Enumerable.Range(0, 20).Select(i => i * 50_000).Concat(Enumerable.Range(PieceChecksums.PieceSize, 14)))
            {
                var damaged = (byte[])whole.Clone();
                damaged[place] ^= (byte)(1 << (place % 8));
                await AssertDamagedAsync(path, damaged, checksums, place / PieceChecksums.PieceSize * PieceChecksums.PieceSize);
            }
            await AssertDamagedAsync(path, whole[..^1], checksums, PieceChecksums.PieceSize);
            await AssertDamagedAsync(path, whole[..PieceChecksums.PieceSize], checksums, PieceChecksums.PieceSize);
            await AssertDamagedAsync(path, [.. whole, 0], checksums, PieceChecksums.PieceSize);
        }
    }

    public void Dispose() => directory.Dispose();

    private static async Task AssertDamagedAsync(string path, byte[] content, ByteString checksums, long place)
    {
        await File.WriteAllBytesAsync(path, content, TestContext.Current.CancellationToken);
        var error = await Assert.ThrowsAsync<DamagedFileException>(() => ReadAsync(path, checksums));
        Assert.Contains($"{path} is damaged at byte {place}", error.Message, StringComparison.Ordinal);
    }

    private static async Task<byte[]> ReadAsync(string path, ByteString checksums)
    {
        await using var file = new CheckedFile(new FileStream(path, FileMode.Open, FileAccess.Read), checksums);
        using var content = new MemoryStream();
        await file.CopyToAsync(content, TestContext.Current.CancellationToken);
        return content.ToArray();
    }

    private static void ForEachFlip(string path, string named, Func<string> read)
    {
        var whole = File.ReadAllBytes(path);
        var expected = read();
        var refused = 0;
        for (var place = 0; place < whole.Length; place++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
                {
                    file.Position = place;
                    file.WriteByte((byte)(whole[place] ^ (1 << bit)));
                }
                try
                {
                    Assert.Equal(expected, read());
                }
                catch (DamagedFileException exception)
                {
                    refused++;
                    Assert.Contains(named, exception.Message, StringComparison.Ordinal);
                    Assert.Contains(" is damaged at byte ", exception.Message, StringComparison.Ordinal);
                }
            }
            using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
                file.Write(whole);
        }
        Assert.True(refused > whole.Length, $"{refused} of {whole.Length * 8} flips were refused");
    }
}
