using Builder.Analysis.Difference;
using Builder.Analysis.Values;
using Builder.Storage.Files;
using Builder.Testing;
using Builder.Web.Difference;

namespace Builder.Web.Tests.Difference;

public sealed class DifferenceFilesTests
{
    [Fact]
    public async Task All_files_together_keep_a_limit_and_the_oldest_go_first_with_what_was_never_finished()
    {
        using var directory = new TemporaryDirectory();
        var data = new DataDirectory(directory.Path);
        var files = new DifferenceFiles(data) { MaxTotalLength = 2000 };
        var (first, last) = (Digest(0), Digest(19));
        await files.WriteAsync(first, first, Result, TestContext.Current.CancellationToken);
        var cache = Path.GetDirectoryName(Assert.Single(Directory.EnumerateFiles(data.Cache, "*", SearchOption.AllDirectories)))!;
        await File.WriteAllTextAsync(Path.Combine(cache, "unfinished"), "{", TestContext.Current.CancellationToken);
        foreach (var old in Directory.EnumerateFiles(cache))
            File.SetLastWriteTimeUtc(old, new DateTime(2026, 11, 1, 0, 0, 0, DateTimeKind.Utc));

        for (var number = 1; number < 20; number++)
            await files.WriteAsync(Digest(number), Digest(number), Result, TestContext.Current.CancellationToken);

        Assert.InRange(new DirectoryInfo(cache).EnumerateFiles().Sum(static file => file.Length), 1, 2000);
        Assert.Null(await files.ReadAsync(first, first, TestContext.Current.CancellationToken));
        Assert.False(File.Exists(Path.Combine(cache, "unfinished")));
        Assert.NotNull(await files.ReadAsync(last, last, TestContext.Current.CancellationToken));
    }

    private static DifferenceResult Result { get; } =
        new(
            new ComparedFile("left", 1, new string('a', 64)),
            new ComparedFile("right", 2, new string('b', 64)),
            [],
            new DifferenceNode("", "bytes")
        );

    private static Sha256Digest Digest(int number) => Sha256Digest.Of([(byte)number]);
}
