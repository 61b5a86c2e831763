using System.Text;

namespace Builder.Publishing.Hooks;

/// <summary>Keeps the beginning and the end of what a program prints, however much it is.</summary>
internal sealed class OutputTail
{
    private const int Kept = 32 * 1024;

    private readonly List<byte> start = [];
    private readonly byte[] ring = new byte[Kept];
    private readonly Lock door = new();
    private long total;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        lock (door)
        {
            var first = (int)Math.Min(bytes.Length, Kept - start.Count);
            start.AddRange(bytes[..first]);
            foreach (var b in bytes[first..])
                ring[total++ % Kept] = b;
        }
    }

    public byte[] ToArray()
    {
        lock (door)
        {
            if (total <= Kept)
                return [.. start, .. ring.AsSpan(0, (int)total)];
            var split = (int)(total % Kept);
            return
            [
                .. start,
                .. Encoding.UTF8.GetBytes($"\n… {total - Kept} bytes left out …\n"),
                .. ring.AsSpan(split),
                .. ring.AsSpan(0, split),
            ];
        }
    }
}
