using System.Globalization;
using System.Runtime.CompilerServices;
using Builder.Protocol.Streaming;
using Builder.Protocol.Values;

namespace Builder.Server.Builds;

/// <summary>Whether a result has room: within the limits of its job, and on the server's disk.</summary>
internal static class ResultRoom
{
    /// <summary>So much must be free for the disk to count as working: then it is the one result that is too big.</summary>
    private const long SmallestDiskReserve = 1 << 20;
    private const long LargestDiskReserve = 64 << 20;

    /// <summary>Times, result and names of a build, beside script, console and files.</summary>
    private const long Overhead = 1 << 10;

    /// <summary>What shows before the first file comes in.</summary>
    /// <param name="rest">Bytes of script and console.</param>
    /// <exception cref="ResultRefusedException">The files are more than the job may leave, or than the web takes.</exception>
    public static void CheckSize(ArtifactSource artifacts, long rest, JobLimits limits, long? webLimit)
    {
        // Their encoded length has names too, which do not count: where it is not twice the limit, the files say it themselves.
        if (artifacts.ContentLength / 2 > limits.MaxArtifactBytes)
            throw TooLong(artifacts, limits.MaxArtifactBytes.Value);
        var whole = artifacts.ContentLength + rest + Overhead;
        if (whole > webLimit)
            throw new ResultRefusedException($"a build of {Size(whole)} is over the {Size(webLimit.Value)} that the web takes");
    }

    /// <summary>The same files, up to so many and so long.</summary>
    public static ArtifactSource Bounded(ArtifactSource artifacts, JobLimits limits) =>
        artifacts with
        {
            Items = BoundAsync(artifacts, limits),
        };

    /// <exception cref="ResultRefusedException">It will never fit, or other results still do.</exception>
    /// <exception cref="IOException">The disk is full: nothing else fits either.</exception>
    public static void CheckDisk(string directory, long needed)
    {
        var disk = new DriveInfo(directory);
        var free = disk.AvailableFreeSpace;
        if (needed + Overhead <= free)
            return;
        var reserve = Math.Clamp(disk.TotalSize / 20, SmallestDiskReserve, LargestDiskReserve);
        if (needed > disk.TotalSize || free >= reserve)
            throw new ResultRefusedException($"a build of {Size(needed)} does not fit on the server's disk, which has {Size(free)} free");
        throw new IOException($"No space left on the server's disk: {Size(needed)} are needed, {Size(free)} are free");
    }

    private static async IAsyncEnumerable<ArtifactContent> BoundAsync(
        ArtifactSource artifacts,
        JobLimits limits,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        long count = 0;
        long bytes = 0;
        await foreach (var item in artifacts.Items.WithCancellation(cancellationToken))
        {
            if (++count > limits.MaxArtifacts)
                throw new ResultRefusedException($"more than {limits.MaxArtifacts} artifacts, the limit of this job");
            if ((bytes += item.Length) > limits.MaxArtifactBytes)
                throw TooLong(artifacts, limits.MaxArtifactBytes.Value);
            yield return item;
        }
    }

    private static ResultRefusedException TooLong(ArtifactSource artifacts, long limit) =>
        new($"artifacts of {Size(artifacts.ContentLength)} are over the limit of {Size(limit)}");

    private static string Size(long bytes) =>
        bytes < 10_000
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes")
            : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.##} MB");
}
