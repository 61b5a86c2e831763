using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Builder.Analysis.Difference;
using Builder.Analysis.Difference.Output;
using ByteSource = Builder.Analysis.Elf.ByteSource;

namespace Builder.Analysis.Tests.Difference;

/// <summary>Whatever the bytes are, there is an answer with a reason.</summary>
public sealed class HostileContainerTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Vectors", "difference");

    [Fact]
    public async Task A_bomb_is_not_unpacked_beyond_the_ratio()
    {
        var result = await CompareAsync(Gzip(new byte[64 << 20], 1), Gzip(new byte[64 << 20], 2));
        Assert.Contains("1000 times its size", Notices(result.Root!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_unpacked_in_all_is_bounded()
    {
        var options = new DifferenceOptions { Limits = new DifferenceLimits { MaxExpanded = 3 << 20 } };
        var result = await CompareAsync(Gzip(Noise(4 << 20), 1), Gzip(Noise(4 << 20), 2), options);
        Assert.Contains("bytes are unpacked", Notices(result.Root!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Archives_nested_too_deep_are_compared_as_bytes()
    {
        var (left, right) = ("left"u8.ToArray(), "right"u8.ToArray());
        for (var i = 0; i < 20; i++)
            (left, right) = (Gzip(left, 0), Gzip(right, 0));
        var result = await CompareAsync(left, right);
        Assert.Contains("nested more than 16 deep", Notices(result.Root!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Overlapping_members_of_a_zip_are_refused()
    {
        var (left, right) = (Overlapping("a"u8), Overlapping("b"u8));
        var result = await CompareAsync(left, right);
        Assert.Contains("overlap", Notices(result.Root!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_xz_that_wants_a_gigabyte_of_dictionary_is_refused()
    {
        var (left, right) = (Xz(37), Xz(38));
        var result = await CompareAsync(left, right);
        Assert.Contains("more than 64 MiB", Notices(result.Root!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_number_of_members_beyond_the_limit_is_refused()
    {
        var options = new DifferenceOptions { Limits = new DifferenceLimits { MaxMembers = 3 } };
        var result = await DifferenceEngine.CompareAsync(
            Path.Combine(Folder, "tar-mtime/left.tar"),
            Path.Combine(Folder, "tar-mtime/right.tar"),
            options,
            TestContext.Current.CancellationToken
        );
        Assert.Contains("more than 3 members", Notices(result.Root!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_that_leave_the_archive_are_only_shown()
    {
        var (left, right) = (Tar("../../etc/passwd\u001b[2J", "a"), Tar("../../etc/passwd\u001b[2J", "b"));
        var result = await CompareAsync(left, right);
        var text = new StringWriter();
        await DifferenceText.WriteAsync(text, result, isColoured: false, TestContext.Current.CancellationToken);
        Assert.Contains("../../etc/passwd", text.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', text.ToString());
    }

    [Fact]
    public async Task A_time_limit_that_is_reached_is_said()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromMinutes(2) };
        var options = new DifferenceOptions
        {
            TimeProvider = time,
            Limits = new DifferenceLimits { MaxTime = TimeSpan.Zero },
        };
        var result = await DifferenceEngine.CompareAsync(
            Path.Combine(Folder, "tar-mtime/left.tar"),
            Path.Combine(Folder, "tar-mtime/right.tar"),
            options,
            TestContext.Current.CancellationToken
        );
        Assert.Contains("time limit", Notices(result.Root!), StringComparison.Ordinal);
        Assert.NotEmpty(result.Causes);
    }

    public static TheoryData<string> Files =>
        [
            .. Directory
                .EnumerateFiles(Folder, "left.*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(Folder, file))
                .Order(StringComparer.Ordinal),
        ];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_file_cut_anywhere_still_has_an_answer(string file)
    {
        var bytes = await File.ReadAllBytesAsync(Path.Combine(Folder, file), TestContext.Current.CancellationToken);
        for (var length = 0; length < bytes.Length; length += Math.Max(1, bytes.Length / 97))
        {
            var result = await CompareAsync(bytes, bytes[..length]);
            Assert.False(result.IsSame);
            Assert.NotEmpty(result.Causes);
        }
    }

    private static Task<DifferenceResult> CompareAsync(byte[] left, byte[] right, DifferenceOptions? options = null) =>
        DifferenceEngine.CompareAsync(
            new Content("left", ByteSource.Of(left)),
            new Content("right", ByteSource.Of(right)),
            "left",
            "right",
            options ?? new DifferenceOptions(),
            TestContext.Current.CancellationToken
        );

    private static string Notices(DifferenceNode node) => string.Join('\n', node.Notices.Concat(node.Children.Select(Notices)));

    private static byte[] Gzip(byte[] content, byte time)
    {
        using var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            stream.Write(content);
        var bytes = packed.ToArray();
        bytes[4] = time;
        return bytes;
    }

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    private static byte[] Xz(byte dictionary) =>
        [
            0xfd,
            (byte)'7',
            (byte)'z',
            (byte)'X',
            (byte)'Z',
            0,
            0,
            1,
            0x69,
            0x22,
            0xde,
            0x36,
            2,
            0,
            0x21,
            1,
            dictionary,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
        ];

    private static byte[] Tar(string name, string content)
    {
        using var archive = new MemoryStream();
        using (var writer = new System.Formats.Tar.TarWriter(archive, leaveOpen: true))
            writer.WriteEntry(
                new System.Formats.Tar.UstarTarEntry(System.Formats.Tar.TarEntryType.RegularFile, name)
                {
                    DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)),
                    ModificationTime = DateTimeOffset.UnixEpoch,
                }
            );
        return archive.ToArray();
    }

    // Two directory entries that point to the same member.
    private static byte[] Overlapping(ReadOnlySpan<byte> content)
    {
        using var archive = new MemoryStream();
        using (var zip = new ZipArchive(archive, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var name in (ReadOnlySpan<string>)["1", "2"])
            {
                using var stream = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
                stream.Write(content);
            }
        }
        var bytes = archive.ToArray();
        var second = bytes.AsSpan().LastIndexOf("PK\x01\x02"u8);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(second + 42), 0);
        return bytes;
    }
}
