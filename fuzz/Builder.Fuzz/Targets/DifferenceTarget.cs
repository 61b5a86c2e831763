using Builder.Analysis.Difference;
using Builder.Analysis.Difference.Output;
using Builder.Analysis.Elf;

namespace Builder.Fuzz.Targets;

/// <summary>The difference engine: an input against itself with one byte changed, against its first half, and all three outputs.</summary>
internal static class DifferenceTarget
{
    // The largest content that is unpacked: the search is for crashes, not for bombs.
    private static readonly DifferenceOptions Options = new()
    {
        Limits = new DifferenceLimits { MaxExpanded = 4 << 20, MaxTime = TimeSpan.FromSeconds(5) },
    };

    public static FuzzTarget Create() => new("difference", RunAsync);

    private static async Task RunAsync(byte[] input)
    {
        if (input.Length == 0)
            return;
        var other = input.ToArray();
        other[input[^1] * other.Length / 256] ^= 0x11;
        await CompareAsync(input, other);
        await CompareAsync(input, input[..(input.Length / 2)]);
    }

    private static async Task CompareAsync(byte[] left, byte[] right)
    {
        var result = await DifferenceEngine.CompareAsync(
            new Content("left", ByteSource.Of(left)),
            new Content("right", ByteSource.Of(right)),
            "left",
            "right",
            Options,
            CancellationToken.None
        );
        if (!result.IsSame && result.Causes.Count == 0)
            throw new InvalidDataException("different and without a cause");
        await DifferenceText.WriteAsync(TextWriter.Null, result, isColoured: true, CancellationToken.None);
        await DifferenceHtml.WriteAsync(TextWriter.Null, result, CancellationToken.None);
        await DifferenceJson.WriteAsync(Stream.Null, result, CancellationToken.None);
    }
}
