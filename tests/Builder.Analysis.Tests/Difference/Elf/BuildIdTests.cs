using Builder.Analysis.Difference;
using Builder.Analysis.Elf;
using Builder.Testing;

namespace Builder.Analysis.Tests.Difference;

/// <summary>Programs of this machine against themselves with another build id. <c>BUILDER_TEST_ALL_PROGRAMS=1</c> takes all of /usr/bin.</summary>
public sealed class BuildIdTests
{
    private const int Usually = 40;
    private const int LargestUsually = 4 << 20;

    [Fact]
    public async Task A_program_with_another_build_id_differs_by_chance_and_by_nothing_else()
    {
        Requirement.Met(Directory.Exists("/usr/bin"), "there is no /usr/bin");
        var isAll = Environment.GetEnvironmentVariable("BUILDER_TEST_ALL_PROGRAMS") is { Length: > 0 };
        var compared = 0;
        foreach (var path in Directory.EnumerateFiles("/usr/bin").Order(StringComparer.Ordinal))
        {
            if (!isAll && (compared >= Usually || new FileInfo(path).Length > LargestUsually))
                continue;
            var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
            if (WithOtherId(bytes) is not { } other)
                continue;
            compared++;
            using var left = new Content("program", ByteSource.Of(bytes));
            using var right = new Content("program", ByteSource.Of(other));
            var result = await DifferenceEngine.CompareAsync(
                left,
                right,
                path,
                path,
                new DifferenceOptions(),
                TestContext.Current.CancellationToken
            );
            var cause = Assert.Single(result.Causes);
            Assert.True((cause.Kind, cause.Path) == (CauseKind.Random, ".note.gnu.build-id"), $"{path}: {cause}");
        }
        Requirement.Met(compared > 0, "no program in /usr/bin has a build id");
    }

    private static byte[]? WithOtherId(byte[] bytes)
    {
        if (
            !ElfFile.TryRead(ByteSource.Of(bytes), out var file, out _)
            || file.BuildId is not { Length: > 16 }
            || file.Section(".note.gnu.build-id") is not { } section
        )
            return null;
        var other = bytes.ToArray();
        for (var i = 0; i < 8; i++)
            other[(int)section.Offset + 20 + i] ^= 0x5A;
        return other;
    }
}
