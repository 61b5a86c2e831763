using System.Buffers.Binary;

namespace Builder.Analysis.Difference.Leaves;

/// <summary>Times as numbers in binary files: 4 or 8 bytes of epoch seconds, either byte order.</summary>
internal static class BinaryTime
{
    // Without known builds only what is likely for a build of our days, and near each other: four bytes are a time by chance often enough.
    private static readonly long Earliest = new DateTimeOffset(2010, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
    private static readonly long Latest = new DateTimeOffset(2040, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
    private const long Near = 5L * 366 * 86_400;
    private const long Around = 86_400;

    private const int MinRandom = 8;

    public static bool IsPair(
        Content left,
        long leftOffset,
        Content right,
        long rightOffset,
        long leftLength,
        long rightLength,
        DifferenceOptions options
    )
    {
        if (leftLength != rightLength || leftLength > 4)
            return false;
        // The bytes that differ may be any part of the number.
        for (var before = 0; before <= 4 - (int)leftLength; before++)
        {
            if (Math.Min(leftOffset, rightOffset) < before)
                break;
            var (a, b) = (left.Read(leftOffset - before, 4), right.Read(rightOffset - before, 4));
            if (a.Length < 4 || b.Length < 4)
                continue;
            // One byte that differs, or a number at an odd place, is a time only where the times of the builds are known.
            var isKnown = options.Left.Start is not null && options.Right.Start is not null;
            if (!isKnown && (leftLength < 2 || (leftOffset - before) % 4 != 0))
                continue;
            if (
                IsTimes(BinaryPrimitives.ReadUInt32LittleEndian(a), BinaryPrimitives.ReadUInt32LittleEndian(b), options)
                || IsTimes(BinaryPrimitives.ReadUInt32BigEndian(a), BinaryPrimitives.ReadUInt32BigEndian(b), options)
            )
                return true;
        }
        return false;
    }

    /// <summary>Bytes of equal length in the same place that have next to nothing in common: an id or a key, and not text or code that moved.</summary>
    public static bool IsRandom(byte[] left, byte[] right, long leftLength, long rightLength)
    {
        if (leftLength != rightLength || leftLength < MinRandom || leftLength > 32)
            return false;
        return Distinct(left) * 4 > left.Length * 3
            && Distinct(right) * 4 > right.Length * 3
            && left.Length >= MinRandom
            && !left.Contains((byte)0)
            && !right.Contains((byte)0);
    }

    private static int Distinct(byte[] bytes) => bytes.Distinct().Count();

    private static bool IsTimes(long left, long right, DifferenceOptions options)
    {
        if (left < Earliest || left > Latest || right < Earliest || right > Latest || Math.Abs(left - right) > Near)
            return false;
        return IsNear(left, options.Left) && IsNear(right, options.Right);
    }

    private static bool IsNear(long seconds, BuildFacts build) =>
        build.Start is not { } start
        || (seconds >= start.ToUnixTimeSeconds() - Around && seconds <= (build.Finish ?? start).ToUnixTimeSeconds() + Around);
}
