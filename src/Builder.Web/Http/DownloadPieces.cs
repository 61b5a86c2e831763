using System.Numerics;

namespace Builder.Web.Http;

/// <summary>How much of a file is held for its reader at once: much where few download, so that it goes fast; little each where thousands do.</summary>
internal sealed class DownloadPieces
{
    private const int MaxTotalBytes = 16 * 1024 * 1024;
    private const int LargestInBytes = 512 * 1024;
    private const int SmallestInBytes = 16 * 1024;

    private int underWay;

    /// <summary>A power of two, as the buffers are.</summary>
    public int SizeInBytes
    {
        get
        {
            var share = MaxTotalBytes / Math.Max(1, Volatile.Read(ref underWay));
            return Math.Clamp(1 << BitOperations.Log2((uint)share), SmallestInBytes, LargestInBytes);
        }
    }

    public void Begin() => Interlocked.Increment(ref underWay);

    public void End() => Interlocked.Decrement(ref underWay);
}
